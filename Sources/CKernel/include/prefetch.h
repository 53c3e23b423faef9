#pragma once

#include <stdint.h>

/// Asks for the cache line at this address, and does not wait for it. Any address will do.
static inline void borealis_prefetch(uintptr_t address) { __builtin_prefetch((const void *)address); }
