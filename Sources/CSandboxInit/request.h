#ifndef EXECLAYER_REQUEST_H
#define EXECLAYER_REQUEST_H

#include "protocol.h"

#include <stdbool.h>

struct overlay {
    char *target;
    char *lower;
    char options[4096]; // upper and work folder; the kernel takes one page
    int below;          // the target as the outer wall has it, while the overlay covers it
};

/// A START, checked and laid out before the clone, so that the child allocates nothing. The strings point into the frame.
struct start {
    struct start_request fixed;
    char *program;
    char *folder;
    char **arguments;
    char **environment;
    struct overlay *overlays;
    char *protected_paths[PROTECT_LIMIT + 1];
};

enum parsed { PARSED, PARSED_MALFORMED, PARSED_NO_MEMORY };

/// Reads the payload of a START that came with `descriptors` descriptors.
enum parsed parse_start(struct start *start, const char *payload, uint32_t size, int descriptors);

void free_start(struct start *start);

#endif
