// How a task stops and goes on without the runtime's scheduler.
//
// Swift compiles an async function into pieces that call each other in tail position. What a call must come
// back to lies in the heap, in a context that begins with two words: the caller's context, and the
// piece of the caller that comes next.
//
//   caller ── call, with a fresh context ──▶ callee ── ... ──▶ context->resume(result, context)
//                                              │
//                                              └─ or simply return: the thread is free, the task stands still
//
// So suspending is keeping the context and returning, and resuming is one jump. But the runtime must know which
// task runs, as it allocates contexts from the task's own stack. It learns that when it runs the
// task's job, which jumps to where it was last told that the task goes on: here that is, from the task's
// first step on, `resume`, which jumps on to where the task really stands.
//
//   swift_job_run(job) ──▶ resume(task) ──▶ task->suspended->resume(outcome, ...)
//
// In an executable that is linked with the runtime statically, there is a shorter way: it can be told
// which task is the current one, and no more. It may go on to believe so when the task has been suspended, for what
// runs then asks for nothing that is the current task's; but not when it has ended.
//
// What this takes for granted of Swift 6's calling convention is the two words, and the implicit first two arguments
// of a function that runs where its caller runs. See the Swift project's `include/swift/ABI/Task.h`
// and `docs/ABI/CallingConvention.rst`.

#include "suspension.h"

#define ASYNC BOREALIS_ASYNC
#define CONTEXT BOREALIS_CONTEXT
typedef borealis_context context;

// The runtime's: keeps where the current task goes on, and hands its job to an executor.
ASYNC void swift_task_switch(
    CONTEXT void *context, ASYNC void (*resume)(CONTEXT void *), void *executor,
    const void *conformance);

// The runtime's: runs a task's job on an executor.
__attribute__((swiftcall)) void swift_job_run(void *job, void *executor, const void *conformance);

// The runtime's own, seen only by what is linked with it statically: makes a task the thread's current one.
__attribute__((swiftcall, weak)) void *set_current_task(void *task)
    __asm__("_ZN5swift22_swift_task_setCurrentEPNS_9AsyncTaskE");

static ASYNC void resume(CONTEXT void *header) {
  borealis_task *task = header;
  context *suspended = task->suspended;
  task->suspended = 0;
  task->suspended_by_runtime = false;
  return suspended->resume(task->outcome, suspended);
}

// Begins the task that runs: the executor is given its job, which goes on here whenever it is run.
BOREALIS_ASYNC_FUNCTION(borealis_begin_task);
ASYNC void borealis_begin_task(
    void *actor, void *conformance, borealis_task *task, void *executor,
    const void *executor_conformance, CONTEXT context *callee) {
  task->suspended = callee;
  return swift_task_switch(task, resume, executor, executor_conformance);
}

// Suspends the task that runs.
BOREALIS_ASYNC_FUNCTION(borealis_suspend_task);
ASYNC void borealis_suspend_task(
    void *actor, void *conformance, borealis_task *task, CONTEXT context *callee) {
  task->suspended = callee;
}

void borealis_run_task(borealis_task *task) {
  if (set_current_task && !task->suspended_by_runtime) {
    set_current_task(task->job);
    resume(task);
  } else {
    // No identity and no conformance: the executor of what is isolated to nothing.
    swift_job_run(task->job, 0, 0);
  }
}

void borealis_return_to_task(const borealis_task *task) {
  if (set_current_task) set_current_task(task->job);
}
