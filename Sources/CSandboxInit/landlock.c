#if defined(__linux__)
#define _GNU_SOURCE
#include "confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

// Names of later kernels than the headers we may be built with.
#define ACCESS_TRUNCATE (1ull << 14)
#define ACCESS_IOCTL_DEVICE (1ull << 15)
#define SCOPE_ABSTRACT_SOCKETS (1ull << 0)
#define SCOPE_SIGNALS (1ull << 1)
struct ruleset_attributes {
    uint64_t files, network, scopes;
};

static const uint64_t on_files =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE;
static const uint64_t reading =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t devices = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;

/// Everything this kernel can refuse about files.
static uint64_t handled(int abi) {
    uint64_t access = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    if (abi >= 2) access |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3) access |= ACCESS_TRUNCATE;
    if (abi >= 5) access |= ACCESS_IOCTL_DEVICE;
    return access;
}

int landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

uint64_t landlock_access(int abi, bool writable, bool folder) {
    // Device files are never made inside; 0/0 ones, which anybody may make, mean a deletion to overlayfs.
    uint64_t access = writable ? handled(abi) & ~devices : reading;
    return folder ? access : access & (on_files | ACCESS_TRUNCATE | ACCESS_IOCTL_DEVICE);
}

static int allow(int ruleset, int folder, uint64_t access) {
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = folder};
    return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0 ? 0 : errno;
}

/// For what was mounted for this call alone.
static int allow_path(int ruleset, const char *path, uint64_t access) {
    int folder = open(path, O_PATH | O_CLOEXEC);
    if (folder < 0) return errno;
    int error = allow(ruleset, folder, access);
    close(folder);
    return error;
}

int restrict_files(const struct settings *settings, const struct start *start) {
    int abi = settings->landlock_abi;
    if (abi == 0) return 0;
    struct ruleset_attributes wanted = {.files = handled(abi)};
    // A kernel that knows a shorter struct takes a longer one whose rest is 0.
    if (abi >= 6) wanted.scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0);
    if (ruleset < 0) return errno;
    const uint64_t writing = landlock_access(abi, true, true);
    int error = 0;
    for (int index = 0; index < settings->path_count && error == 0; index++) {
        error = allow(ruleset, settings->paths[index].folder, settings->paths[index].access);
    }
    for (uint32_t index = 0; index < settings->fixed.scratch && error == 0; index++) {
        error = allow_path(ruleset, settings->scratch[index], writing);
    }
    // An overlay's files are others than those of the folder below it, for which there may be a rule.
    // FIFOs may be made in it: nobody of the host's ever sees them.
    for (uint32_t index = 0; index < start->fixed.overlays && error == 0; index++) {
        error = allow_path(ruleset, start->overlays[index].target, writing);
    }
    if (error == 0) error = allow_path(ruleset, "/proc", reading);
    // Names may be listed everywhere: what is not to be seen is not there.
    if (error == 0) error = allow_path(ruleset, "/", LANDLOCK_ACCESS_FS_READ_DIR);
    if (error == 0 && settings->fixed.flags & CONFIGURE_TERMINALS) error = allow_path(ruleset, "/dev/pts", writing);
    if (error == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) error = errno;
    close(ruleset);
    return error;
}
#endif
