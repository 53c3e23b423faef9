// What the proof at start-up needs that Swift cannot say: a word to say if the process crashes meanwhile, and
// suspensions that go wrong, by which a test sees that the proof notices.

#include "proof.h"
#include "suspension.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT};
enum { crash_count = sizeof crashes / sizeof crashes[0] };
static struct sigaction before[crash_count];
static const char *last_words;
static int last_code;
// The crash may be one of the stack.
static char stack[16 * 1024];

static void speak(int signal) {
  ssize_t ignored = write(STDERR_FILENO, last_words, strlen(last_words));
  (void)ignored;
  (void)signal;
  _exit(last_code);
}

void borealis_guard(const char *words, int code) {
  last_words = words;
  last_code = code;
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, 0);
  struct sigaction action = {.sa_handler = speak, .sa_flags = SA_ONSTACK};
  for (int i = 0; i < crash_count; i++) sigaction(crashes[i], &action, &before[i]);
}

void borealis_unguard(void) {
  for (int i = 0; i < crash_count; i++) sigaction(crashes[i], &before[i], 0);
  stack_t none = {.ss_flags = SS_DISABLE};
  sigaltstack(&none, 0);
}

// A context that is put in the place of the one in which a task is suspended.
typedef struct {
  borealis_context context;
  borealis_context *real;
} false_context;

static false_context *put_between(borealis_task *task, borealis_context *callee) {
  false_context *between = calloc(1, sizeof *between);
  if (!between) abort();
  between->real = callee;
  task->suspended = between;
  return between;
}

static BOREALIS_ASYNC void invert(bool outcome, BOREALIS_CONTEXT borealis_context *context) {
  false_context *between = (false_context *)context;
  borealis_context *real = between->real;
  free(between);
  return real->resume(!outcome, real);
}

// As if the outcome were not the first argument of what comes next.
BOREALIS_ASYNC_FUNCTION(borealis_suspend_task_inverted);
BOREALIS_ASYNC void borealis_suspend_task_inverted(
    void *actor, void *conformance, borealis_task *task,
    BOREALIS_CONTEXT borealis_context *callee) {
  put_between(task, callee)->context.resume = invert;
}

// As if the two words of a context were in the other order.
BOREALIS_ASYNC_FUNCTION(borealis_suspend_task_swapped);
BOREALIS_ASYNC void borealis_suspend_task_swapped(
    void *actor, void *conformance, borealis_task *task,
    BOREALIS_CONTEXT borealis_context *callee) {
  false_context *between = put_between(task, callee);
  memcpy(&between->context.caller, &callee->resume, sizeof(void *));
  memcpy(&between->context.resume, &callee->caller, sizeof(void *));
}
