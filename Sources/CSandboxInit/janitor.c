#if defined(__linux__)
#define _GNU_SOURCE
#include "janitor.h"

#include "confinement.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

union control {
    struct cmsghdr align;
    char room[CMSG_SPACE(sizeof(int))];
};

_Noreturn static void be_janitor(int work) {
    // It needs nothing but its socket: no capability, no file, no channel to the daemon.
    if (dup2(work, 0) != 0 || syscall(SYS_close_range, 1, UINT_MAX, 0) != 0) _exit(1);
    if (drop_capabilities() != 0) _exit(1);
    for (;;) {
        char byte;
        union control control;
        struct iovec part = {.iov_base = &byte, .iov_len = 1};
        struct msghdr message = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
        ssize_t got = recvmsg(0, &message, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) _exit(0);
        // The one that is there, and every other there might be.
        (void)syscall(SYS_close_range, 1, UINT_MAX, 0);
    }
}

int start_janitor(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    pid_t janitor = fork();
    if (janitor < 0) return -1;
    if (janitor == 0) be_janitor(ends[1]);
    close(ends[1]);
    return ends[0];
}

void close_later(int janitor, int descriptor) {
    union control control;
    memset(&control, 0, sizeof control);
    struct iovec part = {.iov_base = "", .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    // A janitor that has fallen behind is not given more: then the close below is the last one, and we wait for it.
    (void)sendmsg(janitor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(descriptor);
}
#endif
