#if defined(__linux__)
#define _GNU_SOURCE
#include "call.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

int prepare_call(struct call *call, struct report *report, const struct settings *settings, bool waits) {
    int alive = -1, line[2];
    struct clone_args arguments;
    memset(&arguments, 0, sizeof arguments);
    memset(report, 0, sizeof *report);
    memset(call, 0, sizeof *call);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) != 0) return errno;
    arguments.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_PIDFD;
    arguments.pidfd = (uint64_t)(uintptr_t)&alive;
    arguments.exit_signal = SIGCHLD;
    // Without CLONE_VM this is a fork of our only thread: the child has its own copy of everything.
    long child = syscall(SYS_clone3, &arguments, sizeof arguments);
    int error = child < 0 ? errno : 0;
    if (child == 0) be_first_process(report, settings, line[1], waits);
    close(line[1]);
    if (error != 0) {
        close(line[0]);
        return error;
    }
    call->state = CALL_PREPARED;
    call->first = (pid_t)child;
    call->alive = alive;
    call->line = line[0];
    char path[32];
    snprintf(path, sizeof path, "%ld/ns/mnt", child);
    // Without it the call only ends more slowly.
    call->mounts = openat(settings->outer_proc, path, O_RDONLY | O_CLOEXEC);
    return 0;
}

void begin_call(struct call *call, const struct start *start, const struct channel *channel) {
    call->state = CALL_RUNNING;
    call->number = channel->header.call;
    call->watched_memory = start->fixed.watched_memory;
    call->watched_processes = start->fixed.watched_processes;
    call->cpu_seconds = start->fixed.cpu_seconds;
    // When the first process is dead already, its pidfd is about to tell, and its report why.
    (void)forward_frame(channel, call->line);
    close(call->line);
    call->line = -1;
}

void signal_call(const struct call *call, int signal) {
    // A process that has ended meanwhile is no mistake: its pidfd is about to tell.
    (void)syscall(SYS_pidfd_send_signal, call->alive, signal, NULL, 0);
}

void kill_call(const struct call *call) {
    // The kernel ends a pid namespace with its first process, and lets nothing be born into it from then on.
    signal_call(call, SIGKILL);
}

static uint64_t microseconds(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static uint32_t limit_of(const struct call *call, const struct exited_event *exited) {
    if (call->limit != LIMIT_NONE) return call->limit;
    uint64_t used = exited->user_microseconds + exited->system_microseconds;
    bool spent = call->cpu_seconds != 0 && used >= call->cpu_seconds * 1000000;
    if (exited->signal == SIGXCPU || (exited->signal == SIGKILL && spent && !call->killed_by_request)) return LIMIT_CPU;
    return exited->signal == SIGXFSZ ? LIMIT_FILE_SIZE : LIMIT_NONE;
}

bool finish_call(struct call *call, const struct report *report, struct exited_event *exited,
                 struct failed_event *failed) {
    int status = 0;
    struct rusage usage;
    memset(&usage, 0, sizeof usage);
    memset(exited, 0, sizeof *exited);
    pid_t waited;
    do waited = wait4(call->first, &status, 0, &usage);
    while (waited < 0 && errno == EINTR);
    close(call->alive);
    if (call->line >= 0) close(call->line);
    call->state = CALL_NONE;

    if (report->step != STEP_NONE) {
        *failed = (struct failed_event){.step = report->step, .error = report->error, .index = report->index};
        return false;
    }
    // Without a report the first process was killed from here, with everything else.
    if (report->finished) status = report->status;
    exited->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    exited->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    exited->by_request = call->killed_by_request && !report->finished;
    exited->user_microseconds = microseconds(usage.ru_utime);
    exited->system_microseconds = microseconds(usage.ru_stime);
    exited->largest_resident_bytes = (uint64_t)usage.ru_maxrss * 1024;
    exited->watched_peak_bytes = call->peak;
    exited->limit = limit_of(call, exited);
    return true;
}
#endif
