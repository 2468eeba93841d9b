#if defined(__linux__)
#define _GNU_SOURCE
#include "confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
struct open_how_of_ours {
    uint64_t flags, mode, resolve;
};
enum { RESOLVE_NEITHER_LINKS_NOR_MAGIC = 0x02 | 0x04 };

enum { SCRATCH_FLAGS = MS_NOSUID | MS_NODEV };

int mount_proc(void) {
    // Read-only as a whole: /proc/sys and sysrq-trigger are writable to whoever is the host's root, capabilities or not.
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) != 0) return errno;
    return 0;
}

/// Makes `path` and what leads to it, as far as it does not exist.
static int make_folders(const char *path) {
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part) return ENAMETOOLONG;
    for (size_t end = 1; end <= length; end++) {
        if (path[end] != '/' && path[end] != '\0') continue;
        memcpy(part, path, end);
        part[end] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST) return errno;
    }
    return 0;
}

static int keep(const char *path, int hidden) {
    char opened[64];
    int error = make_folders(path);
    snprintf(opened, sizeof opened, "/proc/self/fd/%d", hidden);
    if (error == 0 && mount(opened, path, NULL, MS_BIND | MS_REC, NULL) != 0) error = errno;
    close(hidden);
    return error;
}

static int mount_empty_folders(const struct settings *settings, uint32_t *index) {
    for (*index = 0; *index < settings->fixed.scratch; ++*index) {
        const struct scratch_size *size = &settings->sizes[*index];
        char options[160];
        snprintf(options, sizeof options, "size=%llu,nr_inodes=%u,mode=%o,uid=%u,gid=%u",
                 (unsigned long long)size->bytes, size->files, size->mode & 01777, settings->fixed.uid,
                 settings->fixed.gid);
        if (mount("tmpfs", settings->scratch[*index], "tmpfs", SCRATCH_FLAGS, options) != 0) return errno;
    }
    return 0;
}

int mount_scratch(const struct settings *settings, uint32_t *index) {
    // What is to stay visible is held open while a tmpfs hides it.
    int hidden[KEPT_LIMIT];
    for (uint32_t kept = 0; kept < settings->fixed.kept; kept++) {
        hidden[kept] = open(settings->kept[kept], O_PATH | O_CLOEXEC);
        if (hidden[kept] < 0) return errno;
    }
    int error = mount_empty_folders(settings, index);
    for (uint32_t kept = 0; kept < settings->fixed.kept && error == 0; kept++) {
        error = keep(settings->kept[kept], hidden[kept]);
    }
    return error;
}

int mount_terminals(void) {
    // Bubblewrap's own would be shared by the calls: one could read what another types.
    if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620") != 0) {
        return errno;
    }
    return 0;
}

int mount_overlays(const struct start *start, uint32_t *index) {
    for (*index = 0; *index < start->fixed.overlays; ++*index) {
        const struct overlay *overlay = &start->overlays[*index];
        if (mount("overlay", overlay->target, "overlay", SCRATCH_FLAGS, overlay->options) != 0) return errno;
    }
    return 0;
}

/// A path in a folder others write to may become a link at any moment, so it is opened once, without links, and what
/// was opened is what is bound.
static int bind_read_only(const char *path) {
    struct open_how_of_ours how = {
        .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NEITHER_LINKS_NOR_MAGIC};
    int target = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    if (target < 0) return errno;
    char opened[64];
    int error = 0;
    snprintf(opened, sizeof opened, "/proc/self/fd/%d", target);
    if (mount(opened, opened, NULL, MS_BIND | MS_REC, NULL) != 0) error = errno;
    close(target);
    if (error != 0) return error;
    // The bind lies over what was opened; the path leads to it now.
    target = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    if (target < 0) return errno;
    snprintf(opened, sizeof opened, "/proc/self/fd/%d", target);
    const unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV;
    if (mount(NULL, opened, NULL, flags, NULL) != 0) error = errno;
    close(target);
    return error;
}

int protect_paths(const struct start *start, uint32_t *index) {
    for (*index = 0; *index < start->fixed.protected_paths; ++*index) {
        int error = bind_read_only(start->protected_paths[*index]);
        if (error != 0) return error;
    }
    return 0;
}
#endif
