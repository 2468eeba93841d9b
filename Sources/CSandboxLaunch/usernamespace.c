#if defined(__linux__)
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void write_file_of(pid_t process, const char *name, const char *text) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)process, name);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) launch_failed("open", path);
    // The kernel takes a map in one write or not at all.
    if (write(file, text, strlen(text)) != (ssize_t)strlen(text)) launch_failed("write", path);
    close(file);
}

static void write_map(pid_t process, const char *name, unsigned outer, unsigned more) {
    char text[128];
    int length = snprintf(text, sizeof text, "0 %u 1\n", outer);
    if (more != 0) snprintf(text + length, sizeof text - (size_t)length, "%u %u 1\n", more, more);
    write_file_of(process, name, text);
}

/// Waits for one byte; an end of file means that the other side has failed and said so.
static void await_turn(int from) {
    char byte;
    ssize_t got;
    do got = read(from, &byte, 1);
    while (got < 0 && errno == EINTR);
    if (got != 1) _exit(125);
}

static void give_turn(int to) {
    if (write(to, "", 1) != 1) launch_failed("wake the other side", NULL);
}

pid_t start_in_user_namespace(uid_t uid, gid_t gid, void (*work)(void *), void *context) {
    uid_t outer_uid = geteuid();
    gid_t outer_gid = getegid();
    int born[2], mapped[2];
    if (pipe2(born, O_CLOEXEC) != 0 || pipe2(mapped, O_CLOEXEC) != 0) launch_failed("pipe", NULL);
    pid_t child = fork();
    if (child < 0) launch_failed("fork", NULL);
    if (child == 0) {
        close(born[0]);
        close(mapped[1]);
        // The launcher is single-threaded, so its end is the end of the thread this is about.
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) launch_failed("follow the launcher", NULL);
        if (unshare(CLONE_NEWUSER) != 0) launch_failed("user namespace", "(see `execlayer doctor`)");
        // Written by the parent into /proc, whose files belong to root while a process is not dumpable.
        if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) launch_failed("allow the map", NULL);
        give_turn(born[1]);
        await_turn(mapped[0]);
        if (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0) launch_failed("become the namespace's root", NULL);
        work(context);
        _exit(125);
    }
    close(born[1]);
    close(mapped[0]);
    await_turn(born[0]);
    // Without this an unprivileged user may not write the group map; as root nobody inside needs other groups either.
    write_file_of(child, "setgroups", "deny");
    write_map(child, "uid_map", outer_uid, outer_uid == 0 ? uid : 0);
    write_map(child, "gid_map", outer_gid, outer_uid == 0 ? gid : 0);
    give_turn(mapped[1]);
    close(born[0]);
    close(mapped[1]);
    return child;
}
#endif
