#pragma once

/// Says these words on standard error, and ends with this code, if the process crashes from now on.
///
/// - Parameter words: kept, not copied.
void borealis_guard(const char *words, int code);

/// Crashes are what they were again.
void borealis_unguard(void);
