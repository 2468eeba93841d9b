#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "cp_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#endif

#define MOST_DESCRIPTORS 16

static int set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

#if !defined(__linux__)
static int set_close_on_exec(int ends[2]) {
    for (int index = 0; index < 2; index++) {
        if (fcntl(ends[index], F_SETFD, FD_CLOEXEC) < 0) return -errno;
    }
    return 0;
}
#endif

static int failed_pair(int ends[2], int error) {
    close(ends[0]);
    close(ends[1]);
    return error;
}

int cp_socket_pair(int ends[2]) {
#if defined(__linux__)
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -errno;
    int error = 0;
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return -errno;
    int error = set_close_on_exec(ends);
#endif
    if (error == 0) error = set_nonblocking(ends[0]);
    return error == 0 ? 0 : failed_pair(ends, error);
}

int cp_pipe(int ends[2], int waits) {
#if defined(__linux__)
    if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
    int error = 0;
#else
    if (pipe(ends) != 0) return -errno;
    int error = set_close_on_exec(ends);
#endif
    if (error == 0 && !(waits & CP_PIPE_READER_WAITS)) error = set_nonblocking(ends[0]);
    if (error == 0 && !(waits & CP_PIPE_WRITER_WAITS)) error = set_nonblocking(ends[1]);
    return error == 0 ? 0 : failed_pair(ends, error);
}

int64_t cp_send(int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count) {
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
    } control;
    if (descriptor_count > MOST_DESCRIPTORS) return -EINVAL;
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    const size_t size = descriptor_count * sizeof(int);
    if (size > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(size);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(rights), descriptors, size);
    }
    int flags = MSG_DONTWAIT;
#if defined(MSG_NOSIGNAL)
    flags |= MSG_NOSIGNAL;
#endif
    ssize_t sent;
    do sent = sendmsg(socket, &message, flags);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

int64_t cp_receive(int socket, void *into, size_t room) {
    ssize_t got;
    do got = recv(socket, into, room, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

int cp_receive_descriptor(int socket) {
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    char byte;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int flags = MSG_DONTWAIT;
#if defined(MSG_CMSG_CLOEXEC)
    flags |= MSG_CMSG_CLOEXEC;
#endif
    ssize_t got;
    do got = recvmsg(socket, &message, flags);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    struct cmsghdr *rights = got == 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (rights == NULL || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) return -EAGAIN;
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
#if !defined(MSG_CMSG_CLOEXEC)
    (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
#endif
    return descriptor;
}

int64_t cp_read(int descriptor, void *into, size_t room) {
    ssize_t got;
    do got = read(descriptor, into, room);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

int64_t cp_write(int descriptor, const void *bytes, size_t count) {
    ssize_t put;
    do put = write(descriptor, bytes, count);
    while (put < 0 && errno == EINTR);
    return put < 0 ? -errno : put;
}

void cp_block_pipe_signal(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int64_t cp_wall_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t cp_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#if defined(__linux__)

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

int cp_landlock_abi(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1u);
    return version < 0 ? 0 : (int)version;
}

static int control(int poll, int operation, int descriptor, uint32_t what, uint64_t token) {
    struct epoll_event event = {.data.u64 = token};
    if (what & CP_READY_READ) event.events |= EPOLLIN;
    if (what & CP_READY_WRITE) event.events |= EPOLLOUT;
    return epoll_ctl(poll, operation, descriptor, &event) != 0 ? -errno : 0;
}

int cp_poll_open(void) {
    int poll = epoll_create1(EPOLL_CLOEXEC);
    return poll < 0 ? -errno : poll;
}

int cp_poll_add(int poll, int descriptor, uint32_t what, uint64_t token) {
    return control(poll, EPOLL_CTL_ADD, descriptor, what, token);
}

int cp_poll_change(int poll, int descriptor, uint32_t what, uint64_t token) {
    return control(poll, EPOLL_CTL_MOD, descriptor, what, token);
}

int cp_poll_remove(int poll, int descriptor) { return control(poll, EPOLL_CTL_DEL, descriptor, 0, 0); }

int cp_poll_wait(int poll, cp_ready *ready, size_t room) {
    struct epoll_event events[64];
    int count = epoll_wait(poll, events, room < 64 ? (int)room : 64, -1);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int index = 0; index < count; index++) {
        ready[index].token = events[index].data.u64;
        ready[index].what = (events[index].events & EPOLLIN ? CP_READY_READ : 0)
            | (events[index].events & EPOLLOUT ? CP_READY_WRITE : 0)
            | (events[index].events & (EPOLLHUP | EPOLLERR) ? CP_READY_END : 0);
    }
    return count;
}

int cp_timer_open(void) {
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return timer < 0 ? -errno : timer;
}

int cp_timer_arm(int timer, int64_t at_ns) {
    // A zero would disarm it.
    if (at_ns < 1) at_ns = 1;
    struct itimerspec when = {.it_value = {.tv_sec = at_ns / 1000000000, .tv_nsec = at_ns % 1000000000}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL) != 0 ? -errno : 0;
}

int cp_wake_open(void) {
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wake < 0 ? -errno : wake;
}

int cp_signal_wake(int wake) {
    uint64_t one = 1;
    return write(wake, &one, sizeof one) < 0 && errno != EAGAIN ? -errno : 0;
}

void cp_settle(int descriptor) {
    uint64_t count;
    ssize_t got;
    do got = read(descriptor, &count, sizeof count);
    while (got < 0 && errno == EINTR);
}

#else

// Only Linux has supervisors to wait for.
int cp_landlock_abi(void) { return 0; }
int cp_poll_open(void) { return -ENOSYS; }
int cp_poll_add(int poll, int descriptor, uint32_t what, uint64_t token) {
    (void)poll, (void)descriptor, (void)what, (void)token;
    return -ENOSYS;
}
int cp_poll_change(int poll, int descriptor, uint32_t what, uint64_t token) {
    (void)poll, (void)descriptor, (void)what, (void)token;
    return -ENOSYS;
}
int cp_poll_remove(int poll, int descriptor) {
    (void)poll, (void)descriptor;
    return -ENOSYS;
}
int cp_poll_wait(int poll, cp_ready *ready, size_t room) {
    (void)poll, (void)ready, (void)room;
    return -ENOSYS;
}
int cp_timer_open(void) { return -ENOSYS; }
int cp_timer_arm(int timer, int64_t at_ns) {
    (void)timer, (void)at_ns;
    return -ENOSYS;
}
int cp_wake_open(void) { return -ENOSYS; }
int cp_signal_wake(int wake) {
    (void)wake;
    return -ENOSYS;
}
void cp_settle(int descriptor) { (void)descriptor; }

#endif
