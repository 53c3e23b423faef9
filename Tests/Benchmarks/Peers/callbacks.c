/* Plain events on a 4-ary heap in C: no simulator, the floor beneath all of them. */
#include "heap.h"
#include "workload.h"

typedef struct object object;
struct object {
  void (*fire)(object *);
  object *partner;
};

static heap agenda;
static int64_t now;

static void hold(object *self) { heap_push(&agenda, now + next_gap(), self); }
static void answer(object *self) { heap_push(&agenda, now + next_gap(), self->partner); }

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int exchange = !strcmp(argv[1], "messages");
  size_t count = strtoul(argv[2], NULL, 10);
  measurement m = measure(strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
  make_gaps();
  object *objects = (object *)calloc(count, sizeof(object));
  for (size_t i = 0; i < count; i++) {
    objects[i].fire = exchange ? answer : hold;
    objects[i].partner = &objects[i ^ 1];
  }
  for (size_t i = 0; i < count; i += exchange ? 2 : 1)
    heap_push(&agenda, next_gap(), &objects[i]);
  for (;;) {
    heap_entry entry = heap_pop(&agenda);
    now = entry.instant;
    if (!note(&m, now)) break;
    object *target = (object *)entry.target;
    target->fire(target);
  }
  report(&m);
  return 0;
}
