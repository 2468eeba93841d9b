// A call's first process: builds the walls around itself, starts the program behind them, and waits for its end. The
// program is its child and not itself, because signals mean something else to the first process of a namespace.
#if defined(__linux__)
#define _GNU_SOURCE
#include "call.h"
#include "confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

_Noreturn static void give_up(struct report *report, uint32_t step, int error, uint32_t index) {
    report->error = error;
    report->index = index;
    report->step = step;
    _exit(125);
}

static void must(struct report *report, uint32_t step, int error) {
    if (error != 0) give_up(report, step, error, 0);
}

static int enter_cgroups(const int *files, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        // 0 means the writer. Opened by the daemon, so the kernel asks what the daemon may.
        if (write(files[index], "0", 1) != 1) return errno;
    }
    return 0;
}

static int install_descriptors(const struct settings *settings, const struct start *start, const int *descriptors) {
    int input = start->fixed.flags & START_STDIN ? *descriptors++ : settings->null;
    if (dup2(input, 0) != 0 || dup2(descriptors[0], 1) != 1 || dup2(descriptors[1], 2) != 2) return errno;
    return 0;
}

/// Sends the daemon a descriptor. The program gets neither it nor the socket.
static int hand_out(int socket, int descriptor) {
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    char byte = 0;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    memset(&control, 0, sizeof control);
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 ? 0 : errno;
}

/// Sends the folder this process is in.
static int lend_folder(int socket) {
    int folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return errno;
    int error = hand_out(socket, folder);
    close(folder);
    return error;
}

/// The lines to the daemon come behind the streams and the cgroups.
static int line_for(const struct start *start, uint32_t flag) {
    const int streams = start->fixed.flags & START_STDIN ? 3 : 2;
    const int first = streams + (int)start->fixed.cgroups;
    return flag == START_GUARDED && start->fixed.flags & START_LEND ? first + 1 : first;
}

static int guard_network(const struct start *start, const int *descriptors) {
    int listener = -1;
    int error = make_network(&listener);
    if (error == 0) error = hand_out(descriptors[line_for(start, START_GUARDED)], listener);
    if (listener >= 0) close(listener);
    return error;
}

/// Leaves the supervisor's belongings and mounts what every call finds.
static void build_mounts(struct report *report, const struct settings *settings) {
    uint32_t index = 0;
    for (int own = 0; own < 3; own++) close(settings->own[own]);
    if (syscall(SYS_close_range, settings->line + 1, UINT_MAX, 0) != 0) give_up(report, STEP_CLONE, errno, 0);
    must(report, STEP_PROC, mount_proc());
    int error = mount_scratch(settings, &index);
    if (error != 0) give_up(report, STEP_SCRATCH, error, index);
    if (settings->fixed.flags & CONFIGURE_TERMINALS) must(report, STEP_TERMINALS, mount_terminals());
}

/// Waits for the call. The supervisor has read the request before; here its strings get addresses of ours.
static void receive(struct report *report, struct channel *channel, struct start *start) {
    if (receive_frame(channel) != RECEIVED_FRAME) give_up(report, STEP_REQUEST, EPIPE, 0);
    enum parsed parsed = parse_start(start, channel->payload, channel->header.size, channel->descriptor_count);
    if (parsed != PARSED) give_up(report, STEP_REQUEST, parsed == PARSED_NO_MEMORY ? ENOMEM : EBADMSG, 0);
}

/// What this call alone has mounted.
static void add_mounts(struct report *report, const struct start *start) {
    uint32_t index = 0;
    int error = mount_overlays(start, &index);
    if (error != 0) give_up(report, STEP_OVERLAY, error, index);
    error = protect_paths(start, &index);
    if (error != 0) give_up(report, STEP_PROTECT, error, index);
}

/// From here on this process is as powerless as the program will be.
static void give_up_power(struct report *report, const struct settings *settings, const struct start *start,
                          const int *descriptors) {
    must(report, STEP_IDS, become_user(settings));
    must(report, STEP_USER_NAMESPACE, enter_user_namespace(settings));
    if (start->fixed.flags & START_GUARDED) must(report, STEP_NETWORK, guard_network(start, descriptors));
    must(report, STEP_CAPABILITIES, drop_capabilities());
    must(report, STEP_LANDLOCK, restrict_files(settings, start));
    must(report, STEP_SECCOMP, apply_call_filter(settings->call_filter));
}

static void make_ready(struct report *report, const struct settings *settings, const struct start *start,
                       const int *descriptors) {
    const int with_stdin = start->fixed.flags & START_STDIN ? 1 : 0;
    must(report, STEP_CGROUP, enter_cgroups(descriptors + 2 + with_stdin, start->fixed.cgroups));
    must(report, STEP_DESCRIPTORS, install_descriptors(settings, start, descriptors));
    must(report, STEP_LIMITS, set_limits(&start->fixed));
    // As the call's user and behind its walls: a folder it may not enter is not its folder.
    must(report, STEP_FOLDER, chdir(start->folder) == 0 ? 0 : errno);
    if (start->fixed.flags & START_LEND) {
        must(report, STEP_LEND, lend_folder(descriptors[line_for(start, START_LEND)]));
    }
    umask((mode_t)start->fixed.umask);
    // Whatever is still open from the supervisor's time.
    if (syscall(SYS_close_range, 3, UINT_MAX, 0) != 0) give_up(report, STEP_DESCRIPTORS, errno, 0);
}

/// A program that was written a moment ago is busy for as long as another process that started meanwhile still holds the
/// writer's descriptor: until its own execve. Nobody's fault, and over at once, so it is waited for, 1 s at most.
static void start_program(const struct start *start) {
    const struct timespec pause = {.tv_nsec = 2000000};
    for (int attempt = 0; attempt < 500; attempt++) {
        execve(start->program, start->arguments, start->environment);
        if (errno != ETXTBSY) return;
        (void)nanosleep(&pause, NULL);
        errno = ETXTBSY;
    }
}

_Noreturn static void become_program(struct report *report, const struct start *start) {
    sigset_t none;
    sigemptyset(&none);
    // A session of its own: no controlling terminal, and a process group that can be signalled as one.
    if (setsid() < 0) give_up(report, STEP_EXEC, errno, 0);
    // The supervisor has no handlers and ignores nothing; it only blocks.
    if (sigprocmask(SIG_SETMASK, &none, NULL) != 0) give_up(report, STEP_EXEC, errno, 0);
    start_program(start);
    give_up(report, STEP_EXEC, errno, 0);
}

/// Passes signals on and reaps orphans until the program ends. Ours end with us: nobody waits for them.
_Noreturn static void wait_for(struct report *report, pid_t program) {
    sigset_t all;
    sigfillset(&all);
    for (;;) {
        int signal = sigwaitinfo(&all, NULL);
        if (signal < 0) continue;
        if (signal != SIGCHLD) {
            (void)kill(-program, signal);
            continue;
        }
        int status;
        for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
            if (ended != program) continue;
            report->status = status;
            report->finished = 1;
            _exit(0);
        }
    }
}

void be_first_process(struct report *report, const struct settings *settings, int line, bool waits) {
    static struct channel channel;
    static struct start start;
    if (dup2(line, settings->line) < 0) give_up(report, STEP_CLONE, errno, 0);
    channel.socket = settings->line;
    channel.patient = true;
    build_mounts(report, settings);
    if (waits) {
        receive(report, &channel, &start);
        add_mounts(report, &start);
    }
    must(report, STEP_LAYERS, hide_layers(settings));
    // Most calls have neither mounts nor a network of their own: then all of this is done before the call is there.
    give_up_power(report, settings, &start, channel.descriptors);
    if (!waits) receive(report, &channel, &start);
    make_ready(report, settings, &start, channel.descriptors);
    // Shares our memory until it has become the program, which spares copying page tables; it writes to nothing but the
    // report and never returns from here.
    pid_t program = vfork();
    if (program < 0) give_up(report, STEP_FORK, errno, 0);
    if (program == 0) become_program(report, &start);
    // Whoever reads the output must not wait for us as well.
    (void)syscall(SYS_close_range, 0, UINT_MAX, 0);
    wait_for(report, program);
}
#endif
