/* A 4-ary heap of (instant, sequence), as plain as it gets. */
#ifndef BOREALIS_HEAP_H
#define BOREALIS_HEAP_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct {
  int64_t instant;
  uint64_t sequence;
  void *target;
} heap_entry;

typedef struct {
  heap_entry *entries;
  size_t count, capacity;
  uint64_t sequence;
} heap;

static inline int heap_precedes(const heap_entry *a, const heap_entry *b) {
  return a->instant != b->instant ? a->instant < b->instant : a->sequence < b->sequence;
}

static inline void heap_push(heap *h, int64_t instant, void *target) {
  if (h->count == h->capacity) {
    h->capacity = h->capacity ? h->capacity * 2 : 1024;
    h->entries = (heap_entry *)realloc(h->entries, h->capacity * sizeof(heap_entry));
    if (!h->entries) abort();
  }
  heap_entry entry = {instant, ++h->sequence, target};
  size_t i = h->count++;
  while (i > 0) {
    size_t parent = (i - 1) / 4;
    if (!heap_precedes(&entry, &h->entries[parent])) break;
    h->entries[i] = h->entries[parent];
    i = parent;
  }
  h->entries[i] = entry;
}

static inline heap_entry heap_pop(heap *h) {
  heap_entry first = h->entries[0], last = h->entries[--h->count];
  size_t i = 0;
  for (size_t child = 1; child < h->count; child = 4 * i + 1) {
    size_t least = child, end = child + 4 < h->count ? child + 4 : h->count;
    for (size_t other = child + 1; other < end; other++)
      if (heap_precedes(&h->entries[other], &h->entries[least])) least = other;
    if (!heap_precedes(&h->entries[least], &last)) break;
    h->entries[i] = h->entries[least];
    i = least;
  }
  h->entries[i] = last;
  return first;
}

#endif
