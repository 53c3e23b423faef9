#include <limits.h>
#include <stdint.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_statistics_double.h>

/// xoshiro256** (Blackman and Vigna, 2018, public domain algorithm), as a GSL generator: the state is
/// four words, owned by the caller, so that GSL's distributions draw from a stream of ours.
typedef struct {
  uint64_t words[4];
} borealis_xoshiro;

static inline uint64_t borealis_rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static inline uint64_t borealis_xoshiro_next(borealis_xoshiro *s) {
  const uint64_t result = borealis_rotate(s->words[1] * 5, 7) * 9;
  const uint64_t t = s->words[1] << 17;
  s->words[2] ^= s->words[0];
  s->words[3] ^= s->words[1];
  s->words[1] ^= s->words[2];
  s->words[0] ^= s->words[3];
  s->words[2] ^= t;
  s->words[3] = borealis_rotate(s->words[3], 45);
  return result;
}

/// Fills the state from one word by SplitMix64, as the authors of xoshiro advise.
static inline void borealis_xoshiro_seed(borealis_xoshiro *s, uint64_t seed) {
  for (int i = 0; i < 4; i++) {
    uint64_t z = (seed += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    s->words[i] = z ^ (z >> 31);
  }
}

static inline void borealis_gsl_set(void *state, unsigned long seed) {
  borealis_xoshiro_seed((borealis_xoshiro *)state, (uint64_t)seed);
}
static inline unsigned long borealis_gsl_get(void *state) {
  return (unsigned long)borealis_xoshiro_next((borealis_xoshiro *)state);
}
static inline double borealis_gsl_get_double(void *state) {
  return (double)(borealis_xoshiro_next((borealis_xoshiro *)state) >> 11) * 0x1.0p-53;
}

/// The generator type that GSL's functions take; see gsl_rng.h for the fields.
static inline const gsl_rng_type *borealis_gsl_generator(void) {
  static const gsl_rng_type type = {"xoshiro256**", ULONG_MAX, 0, sizeof(borealis_xoshiro),
                                    borealis_gsl_set, borealis_gsl_get, borealis_gsl_get_double};
  return &type;
}
