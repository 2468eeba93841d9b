#ifndef EXECLAYER_CONFINEMENT_H
#define EXECLAYER_CONFINEMENT_H

#include "request.h"
#include "settings.h"

#include <stdbool.h>

// The parts of a call's walls. Each returns 0, or an errno after which the call must not go on. Those with an `index`
// tell in it which path of a list they failed at. None of them allocates memory.

/// A namespace's own /proc that nothing can be written through, empty folders, terminals (mounts.c).
int mount_proc(void);
int mount_scratch(const struct settings *settings, uint32_t *index);
int mount_terminals(void);
int mount_overlays(const struct start *start, uint32_t *index);
int protect_paths(const struct start *start, uint32_t *index);
/// Takes the folder of layers away, for good.
int hide_layers(const struct settings *settings);

/// Resource limits (privileges.c).
int set_limits(const struct start_request *limits);
/// Becomes the calls' user, as far as the supervisor is somebody else.
int become_user(const struct settings *settings);
/// A user namespace in which only that user exists: what the kernel might grant there is worth nothing outside, and
/// RLIMIT_NPROC counts this call alone.
int enter_user_namespace(const struct settings *settings);
/// A network of this process's own, in which only `lo` is, and a listener on its GUARD_PORT. Wants a user namespace in which
/// this process may still do everything: nobody outside gives it a capability for that (network.c).
int make_network(int *listener);
/// No capability is left and none can come back.
int drop_capabilities(void);

/// The kernel's Landlock ABI, 0 when it has none (landlock.c).
int landlock_abi(void);
/// What a rule for a file or folder may grant.
uint64_t landlock_access(int abi, bool writable, bool folder);
int restrict_files(const struct settings *settings, const struct start *start);

/// Refuses for the supervisor and everything below it what no call may and the supervisor does not need (seccomp.c).
/// Costs a call nothing, because filters are inherited.
int filter_supervisor(bool internet_sockets, bool unix_sockets);
/// The rest: what the supervisor needs and a call may not have.
int make_call_filter(void **filter);
int apply_call_filter(void *filter);

#endif
