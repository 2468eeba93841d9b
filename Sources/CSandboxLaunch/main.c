// Starts bubblewrap for the daemon. It stands between the two for what neither can do: give bubblewrap an empty
// environment (it keeps its own, readable inside as /proc/1/environ), put it into a user namespace in which root is
// nobody outside and one more id is mapped, and show a workspace of root's to an unprivileged user.
//
//   execlayer-sandbox-launch [--ids UID GID] [--owner-map FOLDER]... -- /usr/bin/bwrap ARGUMENTS...
//
// Descriptor 0 is one end of a unix stream socket pair; it stays bubblewrap's descriptor 0 and becomes the
// supervisor's control channel. 1 and 2 are for messages.
#if defined(__linux__)
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

void launch_failed(const char *step, const char *subject) {
    int error = errno;
    fprintf(stderr, "execlayer-sandbox-launch: %s%s%s: %s\n", step, subject ? " " : "", subject ? subject : "",
            error ? strerror(error) : "not understood");
    _exit(125);
}

static unsigned parse_id(const char *text) {
    char *end = NULL;
    errno = 0;
    unsigned long value = text == NULL ? 0 : strtoul(text, &end, 10);
    // (uid_t)-1 means "leave unchanged" to every system call that takes one.
    if (errno != 0 || end == NULL || end == text || *end != '\0' || *text == '-' || value >= UINT_MAX) {
        errno = EINVAL;
        launch_failed("--ids", text);
    }
    return (unsigned)value;
}

static void start_bubblewrap(void *context) {
    char **arguments = context;
    char *nothing[] = {NULL};
    // A daemon may ignore or block signals, and both are inherited.
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    execve(arguments[0], arguments, nothing);
    launch_failed("start", arguments[0]);
}

int main(int count, char **arguments) {
    uid_t uid = 0;
    gid_t gid = 0;
    char *folders[8];
    int folder_count = 0;
    int next = 1;
    errno = 0;
    for (; next < count && strcmp(arguments[next], "--") != 0; next++) {
        if (strcmp(arguments[next], "--ids") == 0 && next + 2 < count) {
            uid = parse_id(arguments[next + 1]);
            gid = parse_id(arguments[next + 2]);
            next += 2;
        } else if (strcmp(arguments[next], "--owner-map") == 0 && next + 1 < count && folder_count < 8) {
            folders[folder_count++] = arguments[++next];
        } else {
            launch_failed("option", arguments[next]);
        }
    }
    if (next + 1 >= count) launch_failed("command line", "names no program");

    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) launch_failed("forbid inspection", NULL);
    if (geteuid() == 0) {
        // Groups of the daemon's would still open what belongs to them.
        if (setgroups(0, NULL) != 0) launch_failed("leave groups", NULL);
    } else if (uid != 0 || folder_count != 0) {
        errno = EPERM;
        launch_failed("--ids and --owner-map", "need root");
    }
    if (folder_count != 0) {
        if (unshare(CLONE_NEWNS) != 0) launch_failed("mount namespace", NULL);
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) launch_failed("private mounts", NULL);
        for (int folder = 0; folder < folder_count; folder++) map_owner_of(folders[folder], uid, gid);
    }
    pid_t child = start_in_user_namespace(uid, gid, start_bubblewrap, &arguments[next + 1]);
    return stay_beside(child);
}
#else
#include <stdio.h>
int main(void) {
    fputs("execlayer-sandbox-launch: only Linux has bubblewrap\n", stderr);
    return 125;
}
#endif
