#if defined(__linux__)
#define _GNU_SOURCE
#include "settings.h"

#include "confinement.h"
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x00002000
#endif

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
        uint64_t access = landlock_access(settings->landlock_abi, writable, S_ISDIR(facts.st_mode));
        // A program of the host's that opens a FIFO left in a build folder would wait for good. A call's own folders in
        // memory have rules of their own.
        settings->paths[settings->path_count].access = access & ~LANDLOCK_ACCESS_FS_MAKE_FIFO;
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

/// Whether what was to be mounted there is. A mount that went astray is missing where it should be, and no other can
/// stand in for it: each has a root of its own.
static int check_landmark(const char *path, const struct landmark *expected) {
    struct {
        uint64_t flags, mode, resolve;
    } how = {.flags = O_PATH | O_CLOEXEC, .resolve = 0x02 | 0x04}; // neither links nor magic ones
    struct statx found;
    int opened = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    if (opened < 0) return errno;
    int error = 0;
    if (statx(opened, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &found) != 0) error = errno;
    close(opened);
    if (error != 0) return error;
    if (!(found.stx_attributes & STATX_ATTR_MOUNT_ROOT)) return ESTALE;
    if (expected->inode == 0) return 0;
    uint64_t device = (uint64_t)found.stx_dev_major << 32 | found.stx_dev_minor;
    int64_t made = (int64_t)found.stx_btime.tv_sec * 1000000000 + found.stx_btime.tv_nsec;
    bool same = device == expected->device && found.stx_ino == expected->inode
        && (!(found.stx_mask & STATX_BTIME) || made == expected->made_nanoseconds);
    return same ? 0 : ESTALE;
}

struct refused_event take_settings(struct settings *settings, const char *payload, uint32_t size) {
    const uint32_t known = CONFIGURE_INTERNET_SOCKETS | CONFIGURE_TERMINALS | CONFIGURE_WITHOUT_LANDLOCK
        | CONFIGURE_UNIX_SOCKETS | CONFIGURE_LAYERS;
    struct reader reader = {.next = payload, .left = size, .sound = true};
    struct configure_request *fixed = &settings->fixed;
    char *readable[PATH_LIST_LIMIT + 1], *writable[PATH_LIST_LIMIT + 1], *scratch[SCRATCH_LIMIT + 1];
    char *kept[KEPT_LIMIT + 1];
    static char *landmarks[LANDMARK_LIMIT + 1];
    static struct landmark expected[LANDMARK_LIMIT];
    read_fixed(&reader, fixed, sizeof *fixed);
    if (fixed->readable > PATH_LIST_LIMIT || fixed->writable > PATH_LIST_LIMIT || fixed->scratch > SCRATCH_LIMIT
        || fixed->kept > KEPT_LIMIT || fixed->landmarks > LANDMARK_LIMIT || fixed->prepared > PREPARED_LIMIT || fixed->flags & ~known || fixed->watch_milliseconds < 10 || fixed->watch_milliseconds > 1000) {
        reader.sound = false;
        fixed->readable = fixed->writable = fixed->scratch = fixed->kept = fixed->landmarks = 0;
    }
    read_strings(&reader, readable, fixed->readable);
    read_strings(&reader, writable, fixed->writable);
    read_strings(&reader, scratch, fixed->scratch);
    read_fixed(&reader, settings->sizes, fixed->scratch * sizeof(struct scratch_size));
    read_strings(&reader, kept, fixed->kept);
    read_strings(&reader, landmarks, fixed->landmarks);
    read_fixed(&reader, expected, fixed->landmarks * sizeof *expected);
    if (!read_all(&reader)) return refuse(REFUSED_PATH, EBADMSG, 0);

    settings->landlock_abi = landlock_abi();
    if (settings->landlock_abi == 0 && !(fixed->flags & CONFIGURE_WITHOUT_LANDLOCK)) {
        return refuse(REFUSED_NO_LANDLOCK, ENOSYS, 0);
    }
    for (uint32_t index = 0; index < fixed->landmarks; index++) {
        int moved = check_landmark(landmarks[index], &expected[index]);
        if (moved != 0) return refuse(REFUSED_MOVED, moved, index);
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
