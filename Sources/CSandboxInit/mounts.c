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
#include <sys/statvfs.h>
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

/// A path in a folder others write to may become a link at any moment, so nothing is reached through one.
static int open_without_links(int from, const char *path) {
    struct open_how_of_ours how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NEITHER_LINKS_NOR_MAGIC};
    return (int)syscall(SYS_openat2, from, path, &how, sizeof how);
}

static int mount_overlay(const struct overlay *overlay, int lower) {
    char target[64], options[sizeof overlay->options + 64];
    snprintf(target, sizeof target, "/proc/self/fd/%d", overlay->below);
    // A number needs no escapes, whatever the folder is called, and leads to the folder that was opened.
    snprintf(options, sizeof options, "lowerdir=/proc/self/fd/%d,%s", lower, overlay->options);
    return mount("overlay", target, "overlay", SCRATCH_FLAGS, options) == 0 ? 0 : errno;
}

/// Overlayfs does not fail where it cannot make its work folder: it mounts what nobody can write to.
static int require_writable(const char *target) {
    int mounted = open_without_links(AT_FDCWD, target);
    if (mounted < 0) return errno;
    struct statvfs facts;
    int error = fstatvfs(mounted, &facts) == 0 ? 0 : errno;
    close(mounted);
    if (error != 0) return error;
    return (facts.f_flag & ST_RDONLY) != 0 ? EROFS : 0;
}

int mount_overlays(const struct start *start, uint32_t *index) {
    for (*index = 0; *index < start->fixed.overlays; ++*index) {
        struct overlay *overlay = &start->overlays[*index];
        overlay->below = open_without_links(AT_FDCWD, overlay->target);
        if (overlay->below < 0) return errno;
        int lower = open_without_links(AT_FDCWD, overlay->lower);
        if (lower < 0) return errno;
        int error = mount_overlay(overlay, lower);
        if (error == 0) error = require_writable(overlay->target);
        close(lower);
        if (error != 0) return error;
    }
    return 0;
}

/// What `path` is in the outer wall, beneath the call's overlays. A descriptor, or a negated errno.
static int open_below(const struct start *start, const char *path) {
    for (uint32_t index = 0; index < start->fixed.overlays; index++) {
        const struct overlay *overlay = &start->overlays[index];
        size_t length = strlen(overlay->target);
        if (strncmp(path, overlay->target, length) != 0 || path[length] != '/') continue;
        int opened = open_without_links(overlay->below, path + length + 1);
        return opened < 0 ? -errno : opened;
    }
    int opened = open_without_links(AT_FDCWD, path);
    return opened < 0 ? -errno : opened;
}

/// What was mounted last on `path` becomes read-only.
static int make_read_only(const char *path) {
    char opened[64];
    struct statvfs facts;
    int target = open_without_links(AT_FDCWD, path);
    if (target < 0) return errno;
    snprintf(opened, sizeof opened, "/proc/self/fd/%d", target);
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV;
    int error = fstatvfs(target, &facts) != 0 ? errno : 0;
    // The outer wall's own are read-only already, and what it forbids beyond that must not be allowed again.
    if (error == 0 && !(facts.f_flag & ST_RDONLY)) {
        if (facts.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
        if (mount(NULL, opened, NULL, flags, NULL) != 0) error = errno;
    }
    close(target);
    return error;
}

static int bind_read_only(const struct start *start, const char *path) {
    char from[64], to[64];
    int source = open_below(start, path);
    if (source < 0) return -source;
    int target = open_without_links(AT_FDCWD, path);
    int error = target < 0 ? errno : 0;
    snprintf(from, sizeof from, "/proc/self/fd/%d", source);
    snprintf(to, sizeof to, "/proc/self/fd/%d", target);
    if (error == 0 && mount(from, to, NULL, MS_BIND | MS_REC, NULL) != 0) error = errno;
    close(source);
    if (target >= 0) close(target);
    // The bind lies over what was opened; the path leads to it now.
    return error != 0 ? error : make_read_only(path);
}

int protect_paths(const struct start *start, uint32_t *index) {
    int error = 0;
    for (*index = 0; *index < start->fixed.protected_paths && error == 0; ++*index) {
        error = bind_read_only(start, start->protected_paths[*index]);
        if (error != 0) break;
    }
    for (uint32_t overlay = 0; overlay < start->fixed.overlays; overlay++) close(start->overlays[overlay].below);
    return error;
}

int hide_layers(const struct settings *settings) {
    if (!(settings->fixed.flags & CONFIGURE_LAYERS)) return 0;
    // Whoever mounted an overlay from there has its own hold on it.
    return umount2(LAYERS, MNT_DETACH) == 0 ? 0 : errno;
}
#endif
