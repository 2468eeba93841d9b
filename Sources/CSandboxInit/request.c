#if defined(__linux__)
#include "request.h"

#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The form of whiteouts and marks that needs no capability outside the user namespace; and nothing waits for a disk,
/// because a layer that a crash has left is thrown away.
#define MORE_OPTIONS ",userxattr,volatile"
enum { LOWER_ROOM = 64 };

/// Writes `name=path` with the characters escaped that mean something to overlayfs. False when it does not fit.
static bool append_option(char *options, size_t room, const char *name, const char *path) {
    size_t used = strlen(options);
    int written = snprintf(options + used, room - used, "%s%s=", used == 0 ? "" : ",", name);
    if (written < 0 || (size_t)written >= room - used) return false;
    used += (size_t)written;
    for (; *path != '\0'; path++) {
        if (used + 3 > room) return false;
        if (*path == ',' || *path == ':' || *path == '\\') options[used++] = '\\';
        options[used++] = *path;
    }
    options[used] = '\0';
    return true;
}

static bool lay_out_overlay(struct overlay *overlay, char **strings) {
    // The lower folder is opened by whoever mounts, and goes in front as the number of a descriptor.
    const size_t room = sizeof overlay->options - sizeof MORE_OPTIONS - LOWER_ROOM;
    for (int index = 0; index < 4; index++) {
        if (strings[index][0] != '/') return false;
    }
    overlay->target = strings[0];
    overlay->lower = strings[1];
    overlay->below = -1;
    overlay->options[0] = '\0';
    if (!append_option(overlay->options, room, "upperdir", strings[2])) return false;
    if (!append_option(overlay->options, room, "workdir", strings[3])) return false;
    strcat(overlay->options, MORE_OPTIONS);
    return true;
}

static bool within_limits(const struct start_request *fixed, int descriptors) {
    if (fixed->flags & ~(uint32_t)(START_STDIN | START_ANNOUNCE | START_LEND | START_GUARDED)) return false;
    if (fixed->cgroups > CGROUP_LIMIT || fixed->overlays > OVERLAY_LIMIT) return false;
    if (fixed->protected_paths > PROTECT_LIMIT || fixed->umask > 0777) return false;
    if (fixed->arguments == 0 || fixed->arguments > STRING_LIST_LIMIT) return false;
    if (fixed->environment > STRING_LIST_LIMIT) return false;
    const int streams = fixed->flags & START_STDIN ? 3 : 2;
    const int lines = (fixed->flags & START_LEND ? 1 : 0) + (fixed->flags & START_GUARDED ? 1 : 0);
    return descriptors == streams + (int)fixed->cgroups + lines;
}

enum parsed parse_start(struct start *start, const char *payload, uint32_t size, int descriptors) {
    struct reader reader = {.next = payload, .left = size, .sound = true};
    char *program[2], *folder[2], *overlays[4 * OVERLAY_LIMIT + 1];
    memset(start, 0, sizeof *start);
    read_fixed(&reader, &start->fixed, sizeof start->fixed);
    if (!reader.sound || !within_limits(&start->fixed, descriptors)) return PARSED_MALFORMED;

    start->arguments = calloc(start->fixed.arguments + 1, sizeof(char *));
    start->environment = calloc(start->fixed.environment + 1, sizeof(char *));
    start->overlays = calloc(start->fixed.overlays + 1, sizeof(struct overlay));
    if (start->arguments == NULL || start->environment == NULL || start->overlays == NULL) return PARSED_NO_MEMORY;

    read_strings(&reader, program, 1);
    read_strings(&reader, folder, 1);
    read_strings(&reader, start->arguments, start->fixed.arguments);
    read_strings(&reader, start->environment, start->fixed.environment);
    read_strings(&reader, overlays, 4 * start->fixed.overlays);
    read_strings(&reader, start->protected_paths, start->fixed.protected_paths);
    if (!read_all(&reader)) return PARSED_MALFORMED;

    start->program = program[0];
    start->folder = folder[0];
    if (start->program[0] != '/' || start->folder[0] != '/') return PARSED_MALFORMED;
    for (uint32_t index = 0; index < start->fixed.protected_paths; index++) {
        if (start->protected_paths[index][0] != '/') return PARSED_MALFORMED;
    }
    for (uint32_t index = 0; index < start->fixed.overlays; index++) {
        if (!lay_out_overlay(&start->overlays[index], &overlays[4 * index])) return PARSED_MALFORMED;
    }
    return PARSED;
}

void free_start(struct start *start) {
    free(start->arguments);
    free(start->environment);
    free(start->overlays);
}
#endif
