#ifndef EXECLAYER_CALL_H
#define EXECLAYER_CALL_H

#include "channel.h"
#include "request.h"
#include "settings.h"

#include <stdbool.h>
#include <sys/types.h>

/// What a call's first process has to tell, written by it and read after its end. Shared memory instead of a pipe: no
/// descriptor, no system call. It is unmapped by exec, so no program sees it.
struct report {
    uint32_t step; // STEP_*, when the program was not started
    int32_t error;
    uint32_t index;
    int32_t status; // as from wait, when `finished`
    uint32_t finished;
};

enum call_state { CALL_NONE, CALL_PREPARED, CALL_RUNNING };

/// A call that is running, the namespaces for one that may come, or a free place.
struct call {
    enum call_state state;
    uint32_t number;
    pid_t first;   // the pid namespace's process 1, in our numbering
    int line;      // where it waits for its request
    int mounts;    // its mount namespace, which would otherwise end while it ends
    int alive;     // its pidfd: readable when nothing of the call is left
    uint32_t limit;
    bool killed_by_request;
    uint64_t watched_memory, peak;
    uint32_t watched_processes;
    uint64_t cpu_seconds;
    char namespace[32]; // "pid:[4026532212]", once it was asked for
};

/// Clones a first process, which builds the walls and then waits for a request; with `waits`, for one that has overlays,
/// protected paths or a network of its own, it waits before it gives up the power to make them. Returns 0, or an errno of the clone.
int prepare_call(struct call *call, struct report *report, const struct settings *settings, bool waits);

/// Hands the START in `channel`, which was parsed into `start`, to the first process.
void begin_call(struct call *call, const struct start *start, const struct channel *channel);

/// Everything the call started is dead when its pidfd says so.
void kill_call(const struct call *call);
void signal_call(const struct call *call, int signal);

/// Reaps the first process and says how the call ended. True: `exited` holds it; false: `failed` does.
bool finish_call(struct call *call, const struct report *report, struct exited_event *exited,
                 struct failed_event *failed);

/// Runs in the first process of a call's namespaces; never returns (child.c).
_Noreturn void be_first_process(struct report *report, const struct settings *settings, int line, bool waits);

/// Measures all running calls once and kills those above a limit, which `call->limit` then names (watch.c).
void watch_calls(struct call *calls, int count, const struct settings *settings);

#endif
