#if defined(__linux__)
#define _GNU_SOURCE
#include "confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int set_limit(int resource, uint64_t value, uint64_t grace) {
    if (value == 0) return 0;
    struct rlimit limit = {.rlim_cur = value, .rlim_max = value > UINT64_MAX - grace ? value : value + grace};
    struct rlimit allowed;
    // A hard limit that is lower already stays: only a capability we do not have could raise it.
    if (getrlimit(resource, &allowed) != 0) return errno;
    if (limit.rlim_max > allowed.rlim_max) limit.rlim_max = allowed.rlim_max;
    if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
    return setrlimit(resource, &limit) == 0 ? 0 : errno;
}

int set_limits(const struct start_request *limits) {
    const struct rlimit none = {0, 0};
    int error = setrlimit(RLIMIT_CORE, &none) == 0 ? 0 : errno;
    // SIGXCPU first, which says what it is; SIGKILL a second later for those that ignore it.
    if (error == 0) error = set_limit(RLIMIT_CPU, limits->cpu_seconds, 1);
    if (error == 0) error = set_limit(RLIMIT_FSIZE, limits->file_bytes, 0);
    if (error == 0) error = set_limit(RLIMIT_NOFILE, limits->open_files, 0);
    if (error == 0) error = set_limit(RLIMIT_NPROC, limits->processes, 0);
    if (error == 0) error = set_limit(RLIMIT_DATA, limits->data_bytes, 0);
    if (error == 0) error = set_limit(RLIMIT_STACK, limits->stack_bytes, 0);
    if (error == 0) error = set_limit(RLIMIT_MEMLOCK, limits->locked_bytes, 0);
    return error;
}

int become_user(const struct settings *settings) {
    gid_t gid = settings->fixed.gid;
    uid_t uid = settings->fixed.uid;
    // Through the system call: the C library's wrappers would look for other threads.
    if (syscall(SYS_setresgid, gid, gid, gid) != 0) return errno;
    if (syscall(SYS_setresuid, uid, uid, uid) != 0) return errno;
    return 0;
}

static int write_own_file(int proc, const char *name, const char *text) {
    int file = openat(proc, name, O_WRONLY | O_CLOEXEC);
    if (file < 0) return errno;
    size_t size = strlen(text);
    int error = write(file, text, size) == (ssize_t)size ? 0 : errno;
    close(file);
    return error;
}

int enter_user_namespace(const struct settings *settings) {
    char uids[64], gids[64];
    snprintf(uids, sizeof uids, "%u %u 1\n", settings->fixed.visible_uid, settings->fixed.uid);
    snprintf(gids, sizeof gids, "%u %u 1\n", settings->fixed.visible_gid, settings->fixed.gid);
    if (unshare(CLONE_NEWUSER) != 0) return errno;
    // A process that changed its ids may not write its own maps until it is dumpable. Only our code runs in this pid
    // namespace so far.
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return errno;
    int error = write_own_file(settings->outer_proc, "self/setgroups", "deny");
    if (error == 0) error = write_own_file(settings->outer_proc, "self/uid_map", uids);
    if (error == 0) error = write_own_file(settings->outer_proc, "self/gid_map", gids);
    if (error == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) error = errno;
    return error;
}

int drop_capabilities(void) {
    // EINVAL: the kernel knows no capability with this number nor any above it.
    for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) continue;
    if (errno != EINVAL) return errno;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return errno;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
    memset(none, 0, sizeof none);
    if (syscall(SYS_capset, &header, none) != 0) return errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    return 0;
}
#endif
