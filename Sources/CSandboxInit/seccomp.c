// What the kernel is not asked for from inside, whatever the program.
//
// Everything else is allowed: compilers, test suites and language runtimes use most of the interface, and a list of what
// is allowed breaks with each new C library. What is left out here needs a capability nobody inside has, acts on the
// caller alone, or is bounded by a namespace or a limit. System calls newer than this page do not exist inside.
#if defined(__linux__)
#define _GNU_SOURCE
#include "confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The newest call that was thought about for this page: removexattrat. From 424 on all architectures share numbers.
enum { NEWEST_KNOWN = 466 };

/// A number stands beside a name that an older libseccomp may not know.
struct named_call {
    const char *name;
    int number;
};

static const struct named_call refused_to_all[] = {
    // Other processes.
    {"ptrace", -1}, {"process_vm_readv", -1}, {"process_vm_writev", -1}, {"kcmp", -1}, {"pidfd_getfd", 438},
    {"process_madvise", 440}, {"move_pages", -1}, {"migrate_pages", -1},
    // Much kernel for little use inside, and a history of holes.
    {"bpf", -1}, {"perf_event_open", -1}, {"userfaultfd", -1}, {"io_uring_setup", 425}, {"io_uring_enter", 426},
    {"io_uring_register", 427}, {"keyctl", -1}, {"add_key", -1}, {"request_key", -1}, {"fanotify_init", -1},
    {"lookup_dcookie", -1}, {"modify_ldt", -1}, {"vm86", -1}, {"vm86old", -1}, {"uselib", -1}, {"nfsservctl", -1},
    // Files by handle, past every folder.
    {"open_by_handle_at", -1}, {"name_to_handle_at", -1},
    // The machine. All of these need a capability as well.
    {"kexec_load", -1}, {"kexec_file_load", -1}, {"init_module", -1}, {"finit_module", -1}, {"delete_module", -1},
    {"create_module", -1}, {"get_kernel_syms", -1}, {"query_module", -1}, {"reboot", -1}, {"swapon", -1},
    {"swapoff", -1}, {"settimeofday", -1}, {"stime", -1}, {"clock_settime", -1}, {"clock_settime64", -1},
    {"adjtimex", -1}, {"clock_adjtime", -1}, {"clock_adjtime64", -1}, {"quotactl", -1}, {"quotactl_fd", 443},
    {"acct", -1}, {"syslog", -1}, {"iopl", -1}, {"ioperm", -1}, {"vhangup", -1}, {"sysfs", -1}, {"_sysctl", -1},
    {"ustat", -1}, {"sethostname", -1}, {"setdomainname", -1}, {"chroot", -1}, {"pivot_root", -1}, {"setns", -1},
    // Mounts, by the newer calls; the supervisor uses the older ones.
    {"fsopen", 430}, {"fsconfig", 431}, {"fsmount", 432}, {"fspick", 433}, {"open_tree", 428}, {"move_mount", 429},
    {"mount_setattr", 442},
};

static const struct named_call refused_to_calls[] = {
    {"mount", -1}, {"umount", -1}, {"umount2", -1}, {"unshare", -1},
};

struct rules {
    scmp_filter_ctx filter;
    int error; // the first one, negative as libseccomp has it
};

static void add(struct rules *rules, uint32_t action, const struct named_call *call, unsigned count,
                const struct scmp_arg_cmp *conditions) {
    if (rules->error != 0) return;
    int number = seccomp_syscall_resolve_name(call->name);
    if (number == __NR_SCMP_ERROR) number = call->number;
    // Neither libseccomp nor the shared numbers know it: this architecture never had it.
    if (number == -1) return;
    rules->error = seccomp_rule_add_array(rules->filter, action, number, count, conditions);
    // A call another architecture has under a pseudo number cannot be asked for here.
    if (rules->error == -EDOM) rules->error = 0;
}

static void add_list(struct rules *rules, const struct named_call *calls, size_t count) {
    for (size_t index = 0; index < count; index++) add(rules, SCMP_ACT_ERRNO(EPERM), &calls[index], 0, NULL);
}

/// Refuses `name` when the 32 bits of an argument that the kernel looks at, masked, are `value`.
static void add_masked(struct rules *rules, int error, const char *name, unsigned argument, uint32_t mask,
                       uint32_t value) {
    const struct named_call call = {name, -1};
    const struct scmp_arg_cmp condition = SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, value);
    add(rules, SCMP_ACT_ERRNO(error), &call, 1, &condition);
}

/// A file made here belongs to its owner outside as well: with the set-user-ID bit it would run as the daemon's user, or
/// as root, for whoever finds it on the host.
static void add_set_id_bits(struct rules *rules) {
    static const struct {
        const char *name;
        int number;
        unsigned mode;
    } changing[] = {{"chmod", -1, 1}, {"fchmod", -1, 1}, {"fchmodat", -1, 2}, {"fchmodat2", 452, 2},
                    {"creat", -1, 1}, {"mknod", -1, 1},  {"mknodat", -1, 2}};
    static const struct {
        const char *name;
        unsigned flags, mode;
    } making[] = {{"open", 1, 2}, {"openat", 2, 3}};
    // O_TMPFILE contains O_DIRECTORY; its own bit is what says that a mode was given.
    static const uint32_t makes[] = {O_CREAT, O_TMPFILE & ~O_DIRECTORY};
    static const uint32_t bits[] = {S_ISUID, S_ISGID};
    for (int bit = 0; bit < 2; bit++) {
        for (size_t index = 0; index < sizeof changing / sizeof *changing; index++) {
            const struct named_call call = {changing[index].name, changing[index].number};
            const struct scmp_arg_cmp condition =
                SCMP_CMP64(changing[index].mode, SCMP_CMP_MASKED_EQ, bits[bit], bits[bit]);
            add(rules, SCMP_ACT_ERRNO(EPERM), &call, 1, &condition);
        }
        for (size_t index = 0; index < 4; index++) {
            const struct named_call call = {making[index % 2].name, -1};
            const uint32_t flag = makes[index / 2];
            const struct scmp_arg_cmp conditions[] = {
                SCMP_CMP64(making[index % 2].flags, SCMP_CMP_MASKED_EQ, flag, flag),
                SCMP_CMP64(making[index % 2].mode, SCMP_CMP_MASKED_EQ, bits[bit], bits[bit])};
            add(rules, SCMP_ACT_ERRNO(EPERM), &call, 2, conditions);
        }
    }
}

/// A path leads to whoever listens there, in whatever namespace, and the address of a connect lies in memory. So where
/// that must not be there are only pairs, which are connected for good; those of datagrams would take a new address.
static void add_pairs_only(struct rules *rules) {
    static const uint32_t types[] = {SOCK_DGRAM, SOCK_RAW};
    for (int index = 0; index < 2; index++) add_masked(rules, EOPNOTSUPP, "socketpair", 1, 0xf, types[index]);
}

/// Local sockets and the internet's when the profile says so. The error is the one of a kernel without the family, for
/// which programs are prepared.
static void add_socket_families(struct rules *rules, bool internet, bool local) {
    const struct named_call call = {"socket", -1};
    for (uint32_t family = 0; family <= AF_INET6; family++) {
        if ((local && family == AF_UNIX) || (internet && (family == AF_INET || family == AF_INET6))) continue;
        add_masked(rules, EAFNOSUPPORT, "socket", 0, UINT32_MAX, family);
    }
    const struct scmp_arg_cmp above = SCMP_CMP64(0, SCMP_CMP_GT, AF_INET6, 0);
    add(rules, SCMP_ACT_ERRNO(EAFNOSUPPORT), &call, 1, &above);
    if (!internet) return;
    // Raw sockets need a capability; newer transports over IP need none and much kernel.
    for (uint32_t type = 0; type <= SOCK_PACKET; type++) {
        if (type == SOCK_STREAM || type == SOCK_DGRAM || type == SOCK_SEQPACKET) continue;
        add_masked(rules, EAFNOSUPPORT, "socket", 1, 0xf, type);
    }
}

static void add_terminal_tricks(struct rules *rules) {
    // Typing into a terminal, pasting into a console, changing what interprets a line.
    static const uint32_t tricks[] = {TIOCSTI, 0x541C /* TIOCLINUX */, TIOCSETD};
    for (int index = 0; index < 3; index++) add_masked(rules, EPERM, "ioctl", 1, UINT32_MAX, tricks[index]);
}

static void add_personalities(struct rules *rules) {
    // 0 is the usual one, all ones asks which it is. Others change how memory is laid out or what a path means. A rule
    // may look at an argument once only, so each bit is compared with the topmost: both have to be the same.
    const uint32_t top = 1u << 31;
    for (uint32_t bit = 1; bit != top; bit <<= 1) {
        add_masked(rules, EPERM, "personality", 0, top | bit, bit);
        add_masked(rules, EPERM, "personality", 0, top | bit, top);
    }
}

static int begin(struct rules *rules) {
    rules->error = 0;
    rules->filter = seccomp_init(SCMP_ACT_ALLOW);
    if (rules->filter == NULL) return ENOMEM;
    // Calls of another architecture (32-bit, x32) have other numbers, so they would pass by all of this.
    rules->error = seccomp_attr_set(rules->filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (rules->error == 0) rules->error = seccomp_attr_set(rules->filter, SCMP_FLTATR_CTL_NNP, 1);
    // A binary tree of numbers instead of a list.
    if (rules->error == 0) rules->error = seccomp_attr_set(rules->filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return -rules->error;
}

/// libseccomp cannot say "numbers above"; five instructions can. The other filter has seen to the architecture.
static int refuse_unknown_calls(void) {
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, NEWEST_KNOWN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof instructions / sizeof *instructions, .filter = instructions};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : errno;
}

int filter_supervisor(bool internet_sockets, bool unix_sockets) {
    struct rules rules;
    int error = begin(&rules);
    if (error == 0) {
        add_list(&rules, refused_to_all, sizeof refused_to_all / sizeof *refused_to_all);
        add_set_id_bits(&rules);
        add_socket_families(&rules, internet_sockets, unix_sockets);
        if (!unix_sockets) add_pairs_only(&rules);
        add_terminal_tricks(&rules);
        add_personalities(&rules);
        if (rules.error == 0) rules.error = seccomp_load(rules.filter);
        error = -rules.error;
    }
    seccomp_release(rules.filter);
    return error != 0 ? error : refuse_unknown_calls();
}

static void add_namespaces(struct rules *rules) {
    static const uint32_t flags[] = {CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                     CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
    for (size_t index = 0; index < sizeof flags / sizeof *flags; index++) {
        add_masked(rules, EPERM, "clone", 0, flags[index], flags[index]);
    }
    // Their arguments lie in memory, where a filter cannot look: the flags of namespaces, and the mode of a new file, whose
    // set-user-ID bit would be real on the host. Without them C libraries use the older calls.
    static const struct named_call hidden[] = {{"clone3", 435}, {"openat2", 437}};
    for (int index = 0; index < 2; index++) add(rules, SCMP_ACT_ERRNO(ENOSYS), &hidden[index], 0, NULL);
}

/// The filter's instructions through a file in memory: this libseccomp may not know how to write them anywhere else.
static int export(scmp_filter_ctx filter, void **into) {
    int file = memfd_create("filter", MFD_CLOEXEC);
    if (file < 0) return errno;
    int error = -seccomp_export_bpf(filter, file);
    off_t size = lseek(file, 0, SEEK_END);
    struct sock_fprog *program = malloc(sizeof *program);
    struct sock_filter *instructions = malloc(size > 0 ? (size_t)size : 1);
    if (error == 0 && (program == NULL || instructions == NULL)) error = ENOMEM;
    if (error == 0 && pread(file, instructions, (size_t)size, 0) != size) error = EIO;
    close(file);
    if (error != 0) {
        free(program);
        free(instructions);
        return error;
    }
    program->len = (unsigned short)((size_t)size / sizeof *instructions);
    program->filter = instructions;
    *into = program;
    return 0;
}

int make_call_filter(void **filter) {
    struct rules rules;
    int error = begin(&rules);
    if (error == 0) {
        add_list(&rules, refused_to_calls, sizeof refused_to_calls / sizeof *refused_to_calls);
        add_namespaces(&rules);
        error = rules.error != 0 ? -rules.error : export(rules.filter, filter);
    }
    seccomp_release(rules.filter);
    return error;
}

int apply_call_filter(void *filter) {
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter) == 0 ? 0 : errno;
}
#endif
