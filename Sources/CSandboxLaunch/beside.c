#if defined(__linux__)
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/// How long the supervisor has to notice by itself that the daemon is gone.
enum { GRACE_MILLISECONDS = 1000 };

int stay_beside(pid_t child) {
    int ended = (int)syscall(SYS_pidfd_open, child, 0);
    if (ended < 0) launch_failed("watch", "bubblewrap");
    struct pollfd watched[] = {{.fd = ended, .events = POLLIN}, {.fd = 0, .events = POLLRDHUP}};
    int patience = -1;
    for (;;) {
        int ready = poll(watched, 2, patience);
        if (ready < 0 && errno != EINTR) launch_failed("wait", NULL);
        if (ready < 0) continue;
        if (watched[0].revents != 0) break;
        if (ready == 0) {
            // Bubblewrap was started with --die-with-parent: everything inside goes with it.
            kill(child, SIGKILL);
            patience = -1;
        } else if (watched[1].revents != 0) {
            watched[1].fd = -1;
            patience = GRACE_MILLISECONDS;
        }
    }
    int status = 0;
    pid_t waited;
    do waited = waitpid(child, &status, 0);
    while (waited < 0 && errno == EINTR);
    if (waited != child) launch_failed("wait", NULL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
#endif
