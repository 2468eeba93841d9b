#ifndef EXECLAYER_LAUNCH_H
#define EXECLAYER_LAUNCH_H

#include <sys/types.h>

/// Prints one line about the failing step with the current errno to stderr and exits with 125, which no program inside
/// can be mistaken for: the daemon hears of their ends over the control socket.
_Noreturn void launch_failed(const char *step, const char *subject);

/// Starts a child that lives in a user namespace of its own and runs `work` there, with every capability in it.
///
/// As root the namespace knows root and, when `uid` is not 0, that user and group as well, each under the number it has
/// outside. As anybody else it knows only that user, as its root. Returns the child's id.
pid_t start_in_user_namespace(uid_t uid, gid_t gid, void (*work)(void *), void *context);

/// Covers `folder` with a view of itself in which what its owner owns belongs to `uid` and `gid`, and what these make
/// belongs to the owner. Needs real root and a mount namespace of one's own.
void map_owner_of(const char *folder, uid_t uid, gid_t gid);

/// Waits for the end of `child`, and ends it when the daemon's end of the socket on descriptor 0 has been closed and
/// nobody inside has drawn the conclusion. Returns the exit code to hand on.
int stay_beside(pid_t child);

#endif
