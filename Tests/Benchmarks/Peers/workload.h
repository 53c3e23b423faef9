/* What every peer does, so that all do the same: the gaps between events, the clock, and the line that is printed. */
#ifndef BOREALIS_WORKLOAD_H
#define BOREALIS_WORKLOAD_H

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Exponential gaps with a mean of a millisecond, in nanoseconds: one for each of 65,536 quantiles, in an order
   that an odd multiplier scatters. Whoever fires next takes the next one: a table, so that drawing costs
   nothing, and the same for all, so that their checksums agree. */
#define GAPS 65536
static int64_t gap_table[GAPS];
static uint32_t gap_position;

static inline void make_gaps(void) {
  for (uint32_t i = 0; i < GAPS; i++) {
    uint32_t quantile = (i * 40503u) % GAPS;
    gap_table[i] = llround(-1e6 * log((quantile + 0.5) / GAPS));
  }
}

static inline int64_t next_gap(void) { return gap_table[gap_position++ % GAPS]; }

static inline int64_t processor_time(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A measurement: the events before `first` are the warm-up; the sum over the instants of all events is the
   proof that they happened. */
typedef struct {
  uint64_t first, last, count, checksum;
  int64_t began, ended;
} measurement;

static inline measurement measure(uint64_t warm_up, uint64_t events) {
  measurement m = {warm_up, warm_up + events, 0, 0, 0, 0};
  return m;
}

/* Counts an event. Returns 0 when it was the last. */
static inline int note(measurement *m, int64_t now) {
  if (m->count == m->first) m->began = processor_time();
  m->checksum += (uint64_t)now;
  if (++m->count < m->last) return 1;
  m->ended = processor_time();
  return 0;
}

static inline void report(const measurement *m) {
  printf("%" PRIu64 " %" PRId64 " %" PRIu64 "\n", m->last - m->first, m->ended - m->began,
         m->checksum);
  fflush(stdout);
}

#endif
