#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "cp_layers.h"

#include "cp_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#endif

static int answer(int result) { return result < 0 ? -errno : result; }

int cp_layer_is_whiteout_in(int folder, const char *name) {
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
    return S_ISCHR(status.st_mode) && status.st_rdev == 0;
}

#if defined(__linux__)

int cp_layer_is_opaque(int folder) {
    char value = 0;
    return fgetxattr(folder, "user.overlay.opaque", &value, 1) == 1 && value == 'y';
}

int cp_layer_is_copied_up(int descriptor) {
    // Its length says that it is there; a file system without handles leaves it empty.
    return fgetxattr(descriptor, "user.overlay.origin", NULL, 0) >= 0;
}

int cp_layer_keeps_marks(int folder) {
    if (fsetxattr(folder, "user.execlayer", "y", 1, 0) < 0) return 0;
    (void)fremovexattr(folder, "user.execlayer");
    return 1;
}

#else

int cp_layer_is_opaque(int folder) { return (void)folder, 0; }
int cp_layer_is_copied_up(int descriptor) { return (void)descriptor, 0; }
int cp_layer_keeps_marks(int folder) { return (void)folder, 0; }

#endif

int64_t cp_layer_read_link_in(int folder, const char *name, char *buffer, int64_t capacity) {
    ssize_t length = readlinkat(folder, name, buffer, (size_t)capacity);
    if (length < 0) return -errno;
    return length < capacity ? length : -ENAMETOOLONG;
}

int cp_layer_make_link_in(int folder, const char *name, const char *target) { return answer(symlinkat(target, folder, name)); }

int cp_layer_set_mode_in(int folder, const char *name, uint32_t mode) {
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
    // Without this, C libraries that cannot refuse to follow a link would follow it.
    if (S_ISLNK(status.st_mode)) return -EOPNOTSUPP;
    return answer(fchmodat(folder, name, (mode_t)mode, 0));
}

int cp_layer_set_owner_in(int folder, const char *name, uint32_t owner, uint32_t group) {
    return answer(fchownat(folder, name, owner, group, AT_SYMLINK_NOFOLLOW));
}

static int copy_part(int from, int to, off_t offset, off_t end) {
    char buffer[65536];
    while (offset < end) {
        size_t wanted = end - offset < (off_t)sizeof buffer ? (size_t)(end - offset) : sizeof buffer;
        ssize_t got = pread(from, buffer, wanted, offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        if (got == 0) return 0;
        for (ssize_t done = 0; done < got;) {
            ssize_t put = pwrite(to, buffer + done, (size_t)(got - done), offset + done);
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return -errno;
            done += put;
        }
        offset += got;
    }
    return 0;
}

int64_t cp_layer_copy_content(int from, int to) {
    struct stat status;
    if (fstat(from, &status) < 0) return -errno;
    const off_t end = status.st_size;
    off_t offset = 0;
    while (offset < end) {
        off_t data = lseek(from, offset, SEEK_DATA);
        if (data < 0 && errno == ENXIO) break;
        if (data < 0) data = offset;
        off_t hole = lseek(from, data, SEEK_HOLE);
        if (hole < 0 || hole > end) hole = end;
        int failure = copy_part(from, to, data, hole);
        if (failure < 0) return failure;
        offset = hole > data ? hole : end;
    }
    return ftruncate(to, end) < 0 ? -errno : end;
}

/// Removes the files of one folder, and moves its folders to `bin` under numbers. Depth costs nothing that way.
static int flatten(int bin, const char *name, unsigned long *number) {
    // Its own user may have shut it.
    (void)cp_layer_set_mode_in(bin, name, 0700);
    int folder = cp_open_in(bin, name, CP_OPEN_FOLDER);
    if (folder < 0) return folder;
    struct cp_listing listing;
    int failure = cp_list_folder(folder, SIZE_MAX, &listing);
    for (size_t index = 0; failure >= 0 && index < listing.count; index++) {
        const char *child = listing.names + listing.offsets[index];
        if (unlinkat(folder, child, 0) == 0) continue;
        if (errno != EISDIR && errno != EPERM && errno != EACCES) {
            failure = -errno;
            break;
        }
        char next[32];
        snprintf(next, sizeof next, "%lu", ++*number);
        (void)cp_layer_set_mode_in(folder, child, 0700);
        if (renameat(folder, child, bin, next) < 0) failure = -errno;
    }
    cp_listing_free(&listing);
    close(folder);
    return failure < 0 ? failure : answer(unlinkat(bin, name, AT_REMOVEDIR));
}

int cp_layer_empty_folder(int folder) {
    unsigned long number = 0;
    (void)fchmod(folder, 0700);
    for (int failed = 0; failed < 3;) {
        struct cp_listing listing;
        int failure = cp_list_folder(folder, SIZE_MAX, &listing);
        size_t count = failure < 0 ? 0 : listing.count;
        for (size_t index = 0; index < count; index++) {
            const char *name = listing.names + listing.offsets[index];
            if (unlinkat(folder, name, 0) == 0) continue;
            int left = flatten(folder, name, &number);
            if (left < 0) failure = left;
        }
        cp_listing_free(&listing);
        if (failure >= 0 && count == 0) return 0;
        if (failure < 0 && ++failed == 3) return failure;
    }
    return -EBUSY;
}
