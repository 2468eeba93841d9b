#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "cp_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <sys/xattr.h>
#endif

#define COMMON_FLAGS (O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

static int answer(int result) { return result < 0 ? -errno : result; }

static int purpose_flags(int purpose) {
    switch (purpose) {
#if defined(__linux__)
    case CP_OPEN_LOOK:
        return O_PATH | O_CLOEXEC;
#endif
    case CP_OPEN_FOLDER:
        return O_RDONLY | O_DIRECTORY | COMMON_FLAGS;
    default:
        return O_RDONLY | COMMON_FLAGS;
    }
}

int cp_open_root(const char *path) {
    int descriptor;
    do {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } while (descriptor < 0 && errno == EINTR);
    return answer(descriptor);
}

#if defined(__linux__)

// Declared here because the kernel headers of the build machine may be older than the kernel that runs this.
struct cp_open_how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};
#define CP_RESOLVE_NO_MAGICLINKS 0x02
#define CP_RESOLVE_NO_SYMLINKS 0x04
#define CP_RESOLVE_BENEATH 0x08
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

int cp_open_beneath(int root, const char *path, int purpose, int follow) {
    struct cp_open_how how = {
        .flags = (uint64_t)purpose_flags(purpose),
        .resolve = CP_RESOLVE_BENEATH | CP_RESOLVE_NO_MAGICLINKS | (follow ? 0 : CP_RESOLVE_NO_SYMLINKS),
    };
    // The kernel answers EAGAIN when a rename elsewhere keeps it from proving that the path stayed beneath.
    for (int attempt = 0; attempt < 128; attempt++) {
        long descriptor = syscall(SYS_openat2, root, path, &how, sizeof how);
        if (descriptor >= 0) return (int)descriptor;
        if (errno != EAGAIN && errno != EINTR) return -errno;
    }
    return -EAGAIN;
}

#else

// Without openat2 each component is opened by itself and no link is followed at all.
int cp_open_beneath(int root, const char *path, int purpose, int follow) {
    (void)follow;
    int folder = fcntl(root, F_DUPFD_CLOEXEC, 3);
    if (folder < 0) return -errno;
    const char *rest = path;
    char name[256];
    for (;;) {
        while (*rest == '/') rest++;
        const char *end = strchr(rest, '/');
        size_t length = end ? (size_t)(end - rest) : strlen(rest);
        if (length >= sizeof name) {
            close(folder);
            return -ENAMETOOLONG;
        }
        memcpy(name, length ? rest : ".", length ? length : 1);
        name[length ? length : 1] = 0;
        if (strcmp(name, "..") == 0) {
            close(folder);
            return -EXDEV;
        }
        const char *next = end;
        while (next && *next == '/') next++;
        int last = !next || *next == 0;
        int flags = last ? purpose_flags(purpose) : O_RDONLY | O_DIRECTORY | COMMON_FLAGS;
        int opened = openat(folder, name, flags | O_NOFOLLOW);
        int failure = errno;
        close(folder);
        if (opened < 0) return -failure;
        if (last) return opened;
        folder = opened;
        rest = next;
    }
}

#endif

int cp_open_in(int folder, const char *name, int purpose) {
    int descriptor;
    do {
        descriptor = openat(folder, name, purpose_flags(purpose) | O_NOFOLLOW);
    } while (descriptor < 0 && errno == EINTR);
    return answer(descriptor);
}

int cp_create_in(int folder, const char *name) {
    return answer(openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | COMMON_FLAGS, 0600));
}

int cp_append_in(int folder, const char *name) {
    return answer(openat(folder, name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | COMMON_FLAGS, 0600));
}

int cp_close(int descriptor) { return answer(close(descriptor)); }

static uint32_t kind_of(mode_t mode) {
    if (S_ISREG(mode)) return CP_KIND_FILE;
    if (S_ISDIR(mode)) return CP_KIND_FOLDER;
    if (S_ISLNK(mode)) return CP_KIND_LINK;
    return CP_KIND_SPECIAL;
}

static void fill(cp_facts *facts, const struct stat *status) {
    facts->device = (uint64_t)status->st_dev;
    facts->inode = (uint64_t)status->st_ino;
    facts->size = (int64_t)status->st_size;
#if defined(__APPLE__)
    facts->changed_ns = (int64_t)status->st_ctimespec.tv_sec * 1000000000 + status->st_ctimespec.tv_nsec;
    facts->modified_ns = (int64_t)status->st_mtimespec.tv_sec * 1000000000 + status->st_mtimespec.tv_nsec;
#else
    facts->changed_ns = (int64_t)status->st_ctim.tv_sec * 1000000000 + status->st_ctim.tv_nsec;
    facts->modified_ns = (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
#endif
    facts->mode = (uint32_t)(status->st_mode & 07777);
    facts->kind = kind_of(status->st_mode);
    facts->owner = (uint32_t)status->st_uid;
    facts->group = (uint32_t)status->st_gid;
    facts->links = (uint64_t)status->st_nlink;
}

int cp_descriptor_facts(int descriptor, cp_facts *facts) {
    struct stat status;
    if (fstat(descriptor, &status) < 0) return -errno;
    fill(facts, &status);
    return 0;
}

int cp_facts_in(int folder, const char *name, cp_facts *facts) {
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
    fill(facts, &status);
    return 0;
}

int cp_is_pipe_or_device_in(int folder, const char *name) {
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return 0;
    return S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
}

int cp_identity_of(const char *path, cp_identity *identity) { return cp_identity_in(AT_FDCWD, path, identity); }

int cp_identity_in(int folder, const char *name, cp_identity *identity) {
#if defined(__linux__)
    struct statx status;
    unsigned wanted = STATX_INO | STATX_BTIME | STATX_CTIME;
    int flags = AT_SYMLINK_NOFOLLOW | (*name == '\0' ? AT_EMPTY_PATH : 0);
    if (statx(folder, name, flags, wanted, &status) < 0) return -errno;
    struct statx_timestamp made = status.stx_mask & STATX_BTIME ? status.stx_btime : status.stx_ctime;
    identity->device = ((uint64_t)status.stx_dev_major << 32) | status.stx_dev_minor;
    identity->inode = status.stx_ino;
    identity->made_ns = made.tv_sec * 1000000000 + made.tv_nsec;
#else
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
    identity->device = (uint64_t)status.st_dev;
    identity->inode = status.st_ino;
    identity->made_ns = status.st_birthtimespec.tv_sec * 1000000000LL + status.st_birthtimespec.tv_nsec;
#endif
    return 0;
}

int cp_may_write_in(int folder, const char *name) { return answer(faccessat(folder, name, W_OK, AT_EACCESS)); }

int cp_path_of(int descriptor, char *buffer, size_t capacity) {
#if defined(__linux__)
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, buffer, capacity);
    if (length < 0) return -errno;
    if ((size_t)length >= capacity) return -ENAMETOOLONG;
    buffer[length] = 0;
    return (int)length;
#else
    if (capacity < 1024) return -ENAMETOOLONG;
    if (fcntl(descriptor, F_GETPATH, buffer) < 0) return -errno;
    return (int)strlen(buffer);
#endif
}

int64_t cp_read_at(int descriptor, void *buffer, size_t count, int64_t offset) {
    size_t done = 0;
    while (done < count) {
        ssize_t got = pread(descriptor, (char *)buffer + done, count - done, (off_t)offset + (off_t)done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        if (got == 0) break;
        done += (size_t)got;
    }
    return (int64_t)done;
}

int cp_write_all(int descriptor, const void *bytes, size_t count) {
    size_t done = 0;
    while (done < count) {
        ssize_t put = write(descriptor, (const char *)bytes + done, count - done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return -errno;
        done += (size_t)put;
    }
    return 0;
}

int cp_begin_sync(int descriptor) {
#if defined(__linux__)
    return sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE) < 0 ? -errno : 0;
#else
    (void)descriptor;
    return 0;
#endif
}

int cp_sync(int descriptor) {
    int result;
    do {
#if defined(__APPLE__)
        result = fcntl(descriptor, F_FULLFSYNC);
        if (result < 0) result = fsync(descriptor);
#else
        result = fsync(descriptor);
#endif
    } while (result < 0 && errno == EINTR);
    // Some file systems cannot sync a folder and say so; that is theirs to promise.
    if (result < 0 && errno == EINVAL) return 0;
    return answer(result);
}

int cp_set_owner(int descriptor, uint32_t owner, uint32_t group) { return answer(fchown(descriptor, owner, group)); }

int cp_set_mode(int descriptor, uint32_t mode) { return answer(fchmod(descriptor, (mode_t)mode)); }

int cp_set_modified(int descriptor, int64_t nanoseconds) {
    struct timespec times[2] = {
        {.tv_sec = 0, .tv_nsec = UTIME_OMIT},
        {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)},
    };
    return answer(futimens(descriptor, times));
}

int cp_copy_attributes(int from, int to) {
#if defined(__linux__)
    char names[4096];
    ssize_t length = flistxattr(from, names, sizeof names);
    if (length < 0) return errno == ENOTSUP || errno == ERANGE ? 0 : -errno;
    char value[65536];
    for (char *name = names; name < names + length; name += strlen(name) + 1) {
        if (strncmp(name, "user.", 5) != 0 && strcmp(name, "system.posix_acl_access") != 0) continue;
        ssize_t size = fgetxattr(from, name, value, sizeof value);
        if (size < 0) continue;
        if (fsetxattr(to, name, value, (size_t)size, 0) < 0 && errno != ENOTSUP && errno != EPERM) return -errno;
    }
#else
    (void)from;
    (void)to;
#endif
    return 0;
}

int cp_make_folder_in(int folder, const char *name) { return answer(mkdirat(folder, name, 0755)); }

int cp_remove_folder_in(int folder, const char *name) { return answer(unlinkat(folder, name, AT_REMOVEDIR)); }

int cp_unlink_in(int folder, const char *name) { return answer(unlinkat(folder, name, 0)); }

int cp_exchange_in(int folder, const char *left, const char *right) {
#if defined(__linux__) && defined(SYS_renameat2)
    return answer((int)syscall(SYS_renameat2, folder, left, folder, right, 2u));
#elif defined(__APPLE__)
    return answer(renameatx_np(folder, left, folder, right, RENAME_SWAP));
#else
    return -ENOSYS;
#endif
}

int cp_move_new(int from_folder, const char *from, int to_folder, const char *to) {
#if defined(__linux__) && defined(SYS_renameat2)
    int result = answer((int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 1u));
#elif defined(__APPLE__)
    int result = answer(renameatx_np(from_folder, from, to_folder, to, RENAME_EXCL));
#else
    int result = -ENOSYS;
#endif
    if (result != -EINVAL && result != -ENOSYS) return result;
    // The same promise in two steps: a link never replaces.
    if (linkat(from_folder, from, to_folder, to, 0) < 0) return -errno;
    return answer(unlinkat(from_folder, from, 0));
}

int cp_rename_new_in(int folder, const char *from, const char *to) { return cp_move_new(folder, from, folder, to); }

int cp_rename_in(int folder, const char *from, const char *to) { return answer(renameat(folder, from, folder, to)); }

int cp_link_in(int folder, const char *from, const char *to) { return answer(linkat(folder, from, folder, to, 0)); }

static uint8_t kind_of_entry(unsigned char type) {
    switch (type) {
    case DT_REG: return CP_KIND_FILE;
    case DT_DIR: return CP_KIND_FOLDER;
    case DT_LNK: return CP_KIND_LINK;
    case DT_UNKNOWN: return CP_KIND_UNKNOWN;
    default: return CP_KIND_SPECIAL;
    }
}

typedef struct entry {
    uint32_t offset;
    uint8_t kind;
    const char *name;
} entry;

static int by_bytes(const void *left, const void *right) {
    return strcmp(((const entry *)left)->name, ((const entry *)right)->name);
}

// Grows `*memory` so that it has room for `needed` elements.
static int grow(void **memory, size_t *capacity, size_t needed, size_t size) {
    if (needed <= *capacity) return 0;
    size_t wanted = *capacity ? *capacity * 2 : 256;
    while (wanted < needed) wanted *= 2;
    void *larger = realloc(*memory, wanted * size);
    if (!larger) return -ENOMEM;
    *memory = larger;
    *capacity = wanted;
    return 0;
}

static int collect(DIR *stream, size_t limit, cp_listing *listing, entry **entries) {
    size_t name_room = 0, entry_room = 0, used = 0;
    for (;;) {
        errno = 0;
        struct dirent *found = readdir(stream);
        if (!found) {
            if (errno) return -errno;
            break;
        }
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0) continue;
        size_t length = strlen(found->d_name) + 1;
        if (listing->count >= limit || used + length > UINT32_MAX) {
            listing->truncated = 1;
            break;
        }
        int failure = grow((void **)&listing->names, &name_room, used + length, 1);
        if (!failure) failure = grow((void **)entries, &entry_room, listing->count + 1, sizeof(entry));
        if (failure) return failure;
        memcpy(listing->names + used, found->d_name, length);
        (*entries)[listing->count++] = (entry){.offset = (uint32_t)used, .kind = kind_of_entry(found->d_type)};
        used += length;
    }
    for (size_t index = 0; index < listing->count; index++) {
        (*entries)[index].name = listing->names + (*entries)[index].offset;
    }
    if (listing->count) qsort(*entries, listing->count, sizeof(entry), by_bytes);
    listing->offsets = malloc((listing->count + 1) * sizeof(uint32_t));
    listing->kinds = malloc(listing->count + 1);
    if (!listing->offsets || !listing->kinds) return -ENOMEM;
    for (size_t index = 0; index < listing->count; index++) {
        listing->offsets[index] = (*entries)[index].offset;
        listing->kinds[index] = (*entries)[index].kind;
    }
    return 0;
}

int cp_list_folder(int folder, size_t limit, cp_listing *listing) {
    memset(listing, 0, sizeof *listing);
    int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0) return -errno;
    DIR *stream = fdopendir(own);
    if (!stream) {
        int failure = errno;
        close(own);
        return -failure;
    }
    entry *entries = NULL;
    int result = collect(stream, limit, listing, &entries);
    free(entries);
    closedir(stream);
    return result;
}

int64_t cp_free_bytes(int descriptor) {
    struct statvfs status;
    if (fstatvfs(descriptor, &status) != 0) return -errno;
    return (int64_t)status.f_bavail * (int64_t)status.f_frsize;
}

void cp_listing_free(cp_listing *listing) {
    free(listing->names);
    free(listing->offsets);
    free(listing->kinds);
    memset(listing, 0, sizeof *listing);
}
