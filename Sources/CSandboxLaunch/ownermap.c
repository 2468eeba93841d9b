// An idmapped mount: the kernel shows other owners than the disk has, both ways. With it a daemon of root's can let an
// unprivileged user work in a folder that belongs to root, and what that user makes belongs to root afterwards.
#if defined(__linux__)
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Newer than the headers of the oldest systems we build on; the numbers are the same on every architecture.
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
enum { TREE_CLONE = 1, TREE_CLOEXEC = O_CLOEXEC, FROM_EMPTY_PATH = 4, ATTRIBUTE_IDMAP = 0x00100000 };
struct mount_attributes {
    uint64_t set, clear, propagation, user_namespace;
};

static void write_id_map(pid_t process, const char *name, unsigned on_disk, unsigned shown) {
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)process, name);
    snprintf(text, sizeof text, "%u %u 1\n", on_disk, shown);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) launch_failed("open", path);
    if (write(file, text, strlen(text)) != (ssize_t)strlen(text)) launch_failed("write", path);
    close(file);
}

/// A user namespace nobody lives in: the kernel takes an id map in no other form.
static int namespace_that_maps(uid_t owner, gid_t group, uid_t uid, gid_t gid) {
    int born[2];
    char byte;
    if (pipe2(born, O_CLOEXEC) != 0) launch_failed("pipe", NULL);
    pid_t holder = fork();
    if (holder < 0) launch_failed("fork", NULL);
    if (holder == 0) {
        if (unshare(CLONE_NEWUSER) != 0) launch_failed("user namespace", "for the owner map");
        if (write(born[1], "", 1) != 1) _exit(125);
        for (;;) pause();
    }
    close(born[1]);
    if (read(born[0], &byte, 1) != 1) launch_failed("user namespace", "for the owner map");
    close(born[0]);
    write_id_map(holder, "uid_map", owner, uid);
    write_id_map(holder, "gid_map", group, gid);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/user", (int)holder);
    int namespace = open(path, O_RDONLY | O_CLOEXEC);
    if (namespace < 0) launch_failed("open", path);
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    return namespace;
}

void map_owner_of(const char *folder, uid_t uid, gid_t gid) {
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, folder, TREE_CLONE | TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
    if (tree < 0) launch_failed("open the tree", folder);
    struct stat facts;
    if (fstat(tree, &facts) != 0) launch_failed("look at", folder);
    int namespace = namespace_that_maps(facts.st_uid, facts.st_gid, uid, gid);
    struct mount_attributes change = {.set = ATTRIBUTE_IDMAP, .user_namespace = (uint64_t)namespace};
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &change, sizeof change) != 0) {
        launch_failed("map the owner of", folder);
    }
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, folder, FROM_EMPTY_PATH) != 0) launch_failed("cover", folder);
    close(namespace);
    close(tree);
}
#endif
