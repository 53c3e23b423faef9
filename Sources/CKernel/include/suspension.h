#pragma once

#include <stdbool.h>
#include <stdint.h>

/// A task of a simulation, between its first step and its last.
typedef struct borealis_task {
  /// What the runtime takes for the context in which the task goes on; see `suspension.c`.
  void *header[2];
  /// The context of the call in which the task is suspended; null while it runs.
  void *suspended;
  /// The runtime's job, which can be run again and again.
  void *job;
  /// The one behind it, among those that are ready.
  struct borealis_task *next;
  /// The process in which it waits; null if it waits in none, or not at all.
  const void *process;
  /// Of its place in the table of tasks.
  uint32_t index;
  /// Counts the suspensions that have come to their end.
  uint32_t generation;
  /// What the call returns in which it is suspended.
  bool outcome;
  /// Whether its job must be run, so that the runtime undoes what it did to suspend it.
  bool suspended_by_runtime;
} borealis_task;

#define BOREALIS_ASYNC __attribute__((swiftasynccall))
#define BOREALIS_CONTEXT __attribute__((swift_async_context))

/// What a call of an async function comes back to: the caller's context, and the piece of the caller that comes next.
typedef struct borealis_context {
  struct borealis_context *caller;
  BOREALIS_ASYNC void (*resume)(bool outcome, BOREALIS_CONTEXT struct borealis_context *callee);
} borealis_context;

// What a Swift caller needs to know of an async function: where it is, and the size of its context.
#define BOREALIS_ASYNC_FUNCTION(name)                                            \
  __asm__(".section .rodata\n"                                                   \
          ".globl " #name "Tu\n"                                                 \
          ".p2align 3\n" #name "Tu:\n"                                           \
          ".long " #name " - " #name "Tu\n"                                      \
          ".long 16\n"                                                           \
          ".text\n")

// The runtime's.
__attribute__((swiftcall)) void *swift_task_getCurrent(void);

/// The job of the task that runs on this thread; null outside tasks.
static inline void *borealis_current_job(void) { return swift_task_getCurrent(); }

/// Runs a task from where it stands until it is suspended or ends.
///
/// To be called from within a task, which has to be returned to when this one has ended, and before it goes on itself.
void borealis_run_task(borealis_task *task);

/// Makes the task, which has run others, the current one again.
void borealis_return_to_task(const borealis_task *task);

/// Asks for the memory that a suspended task will touch first: its allocator's, with the header of the slab from
/// which that takes, which is likely to be a kilobyte that begins at a multiple of itself; and the top of
/// its stack.
static inline void borealis_prefetch_task(const borealis_task *task) {
  const char *top = (const char *)task->suspended;
  __builtin_prefetch((const char *)task->job + 64);
  __builtin_prefetch((const char *)((uintptr_t)top & ~(uintptr_t)1023));
  __builtin_prefetch(top);
  __builtin_prefetch(top - 64);
  __builtin_prefetch(top - 128);
}
