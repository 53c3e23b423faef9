// ns-3: plain events, with the scheduler that the first argument names.
#include <ns3/core-module.h>
#include <unistd.h>

#include "workload.h"

namespace {

measurement m;

struct Object {
  Object *partner;

  void Fire() {
    if (!note(&m, ns3::Simulator::Now().GetNanoSeconds())) {
      ns3::Simulator::Stop();
      return;
    }
    ns3::Simulator::Schedule(ns3::NanoSeconds(next_gap()), &Object::Fire, partner);
  }
};

}  // namespace

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  bool exchange = !strcmp(argv[2], "messages");
  size_t count = strtoul(argv[3], nullptr, 10);
  m = measure(strtoull(argv[4], nullptr, 10), strtoull(argv[5], nullptr, 10));
  make_gaps();
  ns3::Simulator::SetScheduler(ns3::ObjectFactory(argv[1]));
  auto *objects = new Object[count];
  for (size_t i = 0; i < count; i++) objects[i].partner = &objects[exchange ? i ^ 1 : i];
  for (size_t i = 0; i < count; i += exchange ? 2 : 1)
    ns3::Simulator::Schedule(ns3::NanoSeconds(next_gap()), &Object::Fire, &objects[i]);
  ns3::Simulator::Run();
  report(&m);
  _exit(0);  // Tearing 100,000 events down is no part of it.
}
