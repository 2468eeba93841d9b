#if defined(__linux__)
#define _GNU_SOURCE
#include "settings.h"

#include "confinement.h"
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct refused_event refuse(uint32_t reason, int error, uint32_t index) {
    return (struct refused_event){.reason = reason, .error = error, .index = index};
}

/// Opens the paths once: a call's Landlock rules then cost one system call each.
static int open_paths(struct settings *settings, char **paths, bool writable) {
    for (; *paths != NULL; paths++) {
        int folder = open(*paths, O_PATH | O_CLOEXEC);
        struct stat facts;
        if (folder < 0 || fstat(folder, &facts) != 0) return errno;
        settings->paths[settings->path_count].folder = folder;
        settings->paths[settings->path_count].access =
            landlock_access(settings->landlock_abi, writable, S_ISDIR(facts.st_mode));
        settings->path_count++;
    }
    return 0;
}

static int copy_folders(char **into, char **paths) {
    for (; *paths != NULL; paths++, into++) {
        struct stat facts;
        if (**paths != '/') return EINVAL;
        if (stat(*paths, &facts) != 0) return errno;
        if (!S_ISDIR(facts.st_mode)) return ENOTDIR;
        *into = strdup(*paths);
        if (*into == NULL) return ENOMEM;
    }
    return 0;
}

struct refused_event take_settings(struct settings *settings, const char *payload, uint32_t size) {
    const uint32_t known = CONFIGURE_INTERNET_SOCKETS | CONFIGURE_TERMINALS | CONFIGURE_WITHOUT_LANDLOCK
        | CONFIGURE_UNIX_SOCKETS;
    struct reader reader = {.next = payload, .left = size, .sound = true};
    struct configure_request *fixed = &settings->fixed;
    char *readable[PATH_LIST_LIMIT + 1], *writable[PATH_LIST_LIMIT + 1], *scratch[SCRATCH_LIMIT + 1];
    char *kept[KEPT_LIMIT + 1];
    read_fixed(&reader, fixed, sizeof *fixed);
    if (fixed->readable > PATH_LIST_LIMIT || fixed->writable > PATH_LIST_LIMIT || fixed->scratch > SCRATCH_LIMIT
        || fixed->kept > KEPT_LIMIT || fixed->prepared > PREPARED_LIMIT || fixed->flags & ~known || fixed->watch_milliseconds < 10 || fixed->watch_milliseconds > 1000) {
        reader.sound = false;
        fixed->readable = fixed->writable = fixed->scratch = fixed->kept = 0;
    }
    read_strings(&reader, readable, fixed->readable);
    read_strings(&reader, writable, fixed->writable);
    read_strings(&reader, scratch, fixed->scratch);
    read_fixed(&reader, settings->sizes, fixed->scratch * sizeof(struct scratch_size));
    read_strings(&reader, kept, fixed->kept);
    if (!read_all(&reader)) return refuse(REFUSED_PATH, EBADMSG, 0);

    settings->landlock_abi = landlock_abi();
    if (settings->landlock_abi == 0 && !(fixed->flags & CONFIGURE_WITHOUT_LANDLOCK)) {
        return refuse(REFUSED_NO_LANDLOCK, ENOSYS, 0);
    }
    int error = open_paths(settings, readable, false);
    if (error == 0) error = open_paths(settings, writable, true);
    if (error != 0) return refuse(REFUSED_PATH, error, (uint32_t)settings->path_count);
    error = copy_folders(settings->scratch, scratch);
    if (error == 0) error = copy_folders(settings->kept, kept);
    if (error != 0) return refuse(REFUSED_PATH, error, fixed->readable + fixed->writable);

    // Taken last and before any call: everything all calls share has a lower number.
    settings->line = fcntl(settings->null, F_DUPFD_CLOEXEC, 3);
    if (settings->line < 0) return refuse(REFUSED_MEMORY, errno, 0);
    error = filter_supervisor(fixed->flags & CONFIGURE_INTERNET_SOCKETS, fixed->flags & CONFIGURE_UNIX_SOCKETS);
    if (error == 0) error = make_call_filter(&settings->call_filter);
    if (error != 0) return refuse(REFUSED_SECCOMP, error, 0);
    return refuse(0, 0, 0);
}
#endif
