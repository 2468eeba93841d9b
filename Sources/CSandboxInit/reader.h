#ifndef EXECLAYER_READER_H
#define EXECLAYER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Walks over a payload. The first thing that does not fit makes everything after it fail as well, so that a caller asks
/// `sound` once, at the end.
struct reader {
    const char *next;
    size_t left;
    bool sound;
};

void read_fixed(struct reader *reader, void *into, size_t size);

/// Points `into` at `count` strings of the next block, ended by a null pointer. `into` has room for `count + 1`.
void read_strings(struct reader *reader, char **into, uint32_t count);

/// Whether all was read, and nothing is left over.
bool read_all(const struct reader *reader);

#endif
