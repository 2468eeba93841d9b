#ifndef EXECLAYER_SETTINGS_H
#define EXECLAYER_SETTINGS_H

#include "protocol.h"

/// What CONFIGURE said, in the form a call needs it, and what the supervisor opened for all calls. Written once.
struct settings {
    struct configure_request fixed;
    struct scratch_size sizes[SCRATCH_LIMIT];
    char *scratch[SCRATCH_LIMIT];
    char *kept[KEPT_LIMIT];
    int landlock_abi; // 0: none
    int path_count;
    struct {
        int folder; // an O_PATH descriptor
        uint64_t access;
    } paths[2 * PATH_LIST_LIMIT];
    void *call_filter; // struct sock_fprog
    int outer_proc;    // the supervisor's /proc, a folder descriptor
    int null;          // /dev/null
    int line;          // the number a call's first process gives its line; above it are other calls' descriptors
    int own[3];        // the supervisor's alone: the channel to the daemon, what it waits with, the janitor's socket
};

/// Why a CONFIGURE cannot be done, in the terms of EVENT_REFUSED; reason 0 when it can.
struct refused_event take_settings(struct settings *settings, const char *payload, uint32_t size);

#endif
