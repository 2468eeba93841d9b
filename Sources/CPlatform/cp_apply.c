#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "cp_apply.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int answer(int result) { return result < 0 ? -errno : result; }

int cp_read_link_in(int folder, const char *name, char *buffer, size_t capacity) {
    ssize_t length = readlinkat(folder, name, buffer, capacity);
    if (length < 0) return -errno;
    return (size_t)length >= capacity ? -ENAMETOOLONG : (int)length;
}

int cp_make_link_in(int folder, const char *name, const char *target) {
    return answer(symlinkat(target, folder, name));
}

int cp_set_owner_in(int folder, const char *name, uint32_t owner, uint32_t group) {
    return answer(fchownat(folder, name, owner, group, AT_SYMLINK_NOFOLLOW));
}

int cp_set_mode_at(int descriptor, uint32_t mode) {
    if (fchmod(descriptor, (mode_t)mode) == 0) return 0;
#if defined(__linux__)
    if (errno == EBADF) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
        return answer(chmod(path, (mode_t)mode));
    }
#endif
    return -errno;
}

int cp_forbid_writers(int descriptor) {
#if defined(__linux__)
    // SIGIO, which the kernel would send otherwise, ends a process that does not handle it.
    if (fcntl(descriptor, F_SETSIG, SIGURG) < 0) return 0;
    if (fcntl(descriptor, F_SETLEASE, F_RDLCK) == 0) return 1;
    return errno == EAGAIN ? -EAGAIN : 0;
#else
    (void)descriptor;
    return 0;
#endif
}

int cp_still_forbids_writers(int descriptor) {
#if defined(__linux__)
    return fcntl(descriptor, F_GETLEASE) == F_RDLCK;
#else
    (void)descriptor;
    return 1;
#endif
}

int cp_sync_file_system(int descriptor) {
#if defined(__linux__)
    int result;
    do {
        result = syncfs(descriptor);
    } while (result < 0 && errno == EINTR);
    return answer(result);
#else
    (void)descriptor;
    sync();
    return 0;
#endif
}

int cp_seek(int descriptor, int64_t offset) {
    return lseek(descriptor, (off_t)offset, SEEK_SET) < 0 ? -errno : 0;
}
