// Processes as C++20 coroutines on a 4-ary heap: what a language's own coroutines can give.
#include <coroutine>
#include <cstddef>
#include <exception>

#include "heap.h"
#include "workload.h"

namespace {

heap agenda;
int64_t now;

struct Process {
  struct promise_type {
    Process get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

struct Sleep {
  int64_t gap;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) const {
    heap_push(&agenda, now + gap, caller.address());
  }
  void await_resume() const noexcept {}
};

// A queue of numbers with one reader.
struct Mailbox {
  uint64_t pending = 0;
  std::coroutine_handle<> reader;

  auto take() {
    struct Taking {
      Mailbox &box;
      bool await_ready() const noexcept { return box.pending > 0; }
      void await_suspend(std::coroutine_handle<> caller) { box.reader = caller; }
      void await_resume() { box.pending--; }
    };
    return Taking{*this};
  }

  void put() {
    pending++;
    if (auto waiting = reader) {
      reader = nullptr;
      waiting.resume();
    }
  }
};

Process hold() {
  for (;;) co_await Sleep{next_gap()};
}

Process answer(Mailbox *mine, Mailbox *partner) {
  for (;;) {
    co_await mine->take();
    heap_push(&agenda, now + next_gap(), partner);
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  bool exchange = !strcmp(argv[1], "messages");
  size_t count = strtoul(argv[2], nullptr, 10);
  measurement m = measure(strtoull(argv[3], nullptr, 10), strtoull(argv[4], nullptr, 10));
  make_gaps();
  auto *boxes = new Mailbox[count];
  for (size_t i = 0; i < count; i++) {
    (exchange ? answer(&boxes[i], &boxes[i ^ 1]) : hold()).handle.resume();
    if (exchange && i % 2 == 0) heap_push(&agenda, next_gap(), &boxes[i]);
  }
  for (;;) {
    heap_entry entry = heap_pop(&agenda);
    now = entry.instant;
    if (!note(&m, now)) break;
    if (exchange) {
      static_cast<Mailbox *>(entry.target)->put();
    } else {
      std::coroutine_handle<>::from_address(entry.target).resume();
    }
  }
  report(&m);
  return 0;
}
