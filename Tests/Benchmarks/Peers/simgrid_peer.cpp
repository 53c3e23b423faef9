// SimGrid: timers of its kernel, actors that sleep, and actors that exchange messages over a link.
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>
#include <unistd.h>

#include "workload.h"

namespace sg = simgrid::s4u;

namespace {

measurement m;

int64_t nanoseconds() { return llround(sg::Engine::get_clock() * 1e9); }

void count_event() {
  if (note(&m, nanoseconds())) return;
  report(&m);
  _exit(0);
}

void hold() {
  for (;;) {
    sg::this_actor::sleep_for(next_gap() * 1e-9);
    count_event();
  }
}

void fire() {
  count_event();
  simgrid::kernel::timer::Timer::set(sg::Engine::get_clock() + next_gap() * 1e-9, fire);
}

void exchange(sg::Mailbox *mine, sg::Mailbox *partner, bool begins) {
  static int message = 1;
  if (begins) partner->put(&message, 0);
  for (;;) {
    mine->get<int>();
    count_event();
    partner->put(&message, 0);
  }
}

}  // namespace

int main(int argc, char **argv) {
  sg::Engine engine(&argc, argv);
  if (argc != 5) return 2;
  size_t count = strtoul(argv[2], nullptr, 10);
  m = measure(strtoull(argv[3], nullptr, 10), strtoull(argv[4], nullptr, 10));
  make_gaps();
  auto *zone = sg::create_full_zone("zone");
  auto *a = zone->create_host("a", 1e9)->seal();
  auto *b = zone->create_host("b", 1e9)->seal();
  auto *link = zone->create_link("link", 1e12)->set_latency(1e-3)->set_sharing_policy(
      sg::Link::SharingPolicy::FATPIPE)->seal();
  zone->add_route(a->get_netpoint(), b->get_netpoint(), nullptr, nullptr,
                  {sg::LinkInRoute(link)}, true);
  zone->seal();
  if (!strcmp(argv[1], "events")) {
    // Timers fire between the steps of the actors, so that one must be there.
    for (size_t i = 0; i < count; i++)
      simgrid::kernel::timer::Timer::set(next_gap() * 1e-9, fire);
    sg::Actor::create("idle", a, [] { sg::this_actor::sleep_for(1e9); });
  } else if (!strcmp(argv[1], "tasks")) {
    for (size_t i = 0; i < count; i++) sg::Actor::create("hold", a, hold);
  } else {
    for (size_t i = 0; i < count; i++)
      sg::Actor::create("exchange", i % 2 ? b : a, exchange,
                        sg::Mailbox::by_name(std::to_string(i)),
                        sg::Mailbox::by_name(std::to_string(i ^ 1)), i % 2 == 0);
  }
  engine.run();
  return 1;
}
