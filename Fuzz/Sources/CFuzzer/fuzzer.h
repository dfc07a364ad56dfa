#ifndef CARAVAN_FUZZER_H
#define CARAVAN_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer with a command line of its own; it does not return before the last input.
int LLVMFuzzerRunDriver(
    int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t count));

#endif
