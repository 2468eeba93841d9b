// The waiting supervisor: process 1 behind the outer wall. It answers the daemon's requests on descriptor 0 (protocol.h),
// starts each call in namespaces of its own and says how it ended. One thread, one loop; it ends, and everything with
// it, when the daemon's end of the socket closes.
#if defined(__linux__)
#define _GNU_SOURCE
#include "call.h"
#include "channel.h"
#include "confinement.h"
#include "janitor.h"
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct channel channel;
static struct settings settings;
static struct call calls[CALL_LIMIT];
static struct report *reports; // shared with the calls' first processes, one place each
static bool configured;
static uint32_t running, prepared;
static bool preparing_fails; // until a call has been told why
static uint64_t finished;
static int events;
static int condemned[CALL_LIMIT], condemned_count; // mount namespaces of calls that have ended

/// What is left to do without a daemon: end, as the first process, which ends every call.
_Noreturn static void end(int code, const char *reason) {
    if (reason != NULL) fprintf(stderr, "execlayer-sandbox-init: %s: %s\n", reason, strerror(errno));
    _exit(code);
}

static void tell(uint16_t kind, uint32_t number, const void *payload, size_t size) {
    if (!send_event(&channel, kind, number, payload, size)) end(1, "cannot reach the daemon");
}

static void refuse(uint32_t number, uint32_t reason, int error) {
    struct refused_event event = {.reason = reason, .error = error};
    tell(EVENT_REFUSED, number, &event, sizeof event);
}

static struct call *running_call(uint32_t number) {
    for (int index = 0; index < CALL_LIMIT; index++) {
        if (calls[index].state == CALL_RUNNING && calls[index].number == number) return &calls[index];
    }
    return NULL;
}

static struct call *place_that_is(enum call_state state) {
    for (int index = 0; index < CALL_LIMIT; index++) {
        if (calls[index].state == state) return &calls[index];
    }
    return NULL;
}

/// A new first process in `place`. Returns 0, or an errno.
static int prepare_in(struct call *place, bool waits) {
    int error = prepare_call(place, &reports[place - calls], &settings, waits);
    if (error != 0) return error;
    prepared++;
    struct epoll_event interest = {.events = EPOLLIN, .data.ptr = place};
    if (epoll_ctl(events, EPOLL_CTL_ADD, place->alive, &interest) != 0) end(1, "cannot watch a call");
    return 0;
}

/// Keeps some ready. What fails here is told to the next call, which tries again.
static void prepare_more(void) {
    while (configured && !preparing_fails && prepared < settings.fixed.prepared) {
        struct call *place = place_that_is(CALL_NONE);
        if (place == NULL || prepare_in(place, false) != 0) return;
    }
}

static void configure(void) {
    if (configured) return refuse(0, REFUSED_CONFIGURED_TWICE, 0);
    // A second attempt would find half of the first one, filters included.
    configured = true;
    struct refused_event refusal = take_settings(&settings, channel.payload, channel.header.size);
    if (refusal.reason != 0) {
        tell(EVENT_REFUSED, 0, &refusal, sizeof refusal);
        end(1, NULL);
    }
    struct ready_event ready = {.landlock = (uint32_t)settings.landlock_abi,
                                .flags = settings.fixed.uid != geteuid() ? READY_OWN_IDS : 0};
    tell(EVENT_READY, 0, &ready, sizeof ready);
}

static void run(const struct start *start) {
    uint32_t number = channel.header.call;
    bool waits = start->fixed.overlays != 0 || start->fixed.protected_paths != 0 ||
                 (start->fixed.flags & START_GUARDED) != 0;
    struct call *call = waits ? NULL : place_that_is(CALL_PREPARED);
    preparing_fails = false;
    if (call == NULL) {
        call = place_that_is(CALL_NONE);
        if (call == NULL) return refuse(number, REFUSED_TOO_MANY_CALLS, 0);
        int error = prepare_in(call, waits);
        if (error != 0) {
            struct failed_event failed = {.step = STEP_CLONE, .error = error};
            return tell(EVENT_FAILED, number, &failed, sizeof failed);
        }
    }
    begin_call(call, start, &channel);
    prepared--;
    running++;
    if (start->fixed.flags & START_ANNOUNCE) {
        struct started_event started = {.pid = (uint32_t)call->first};
        tell(EVENT_STARTED, number, &started, sizeof started);
    }
}

static void start(void) {
    uint32_t number = channel.header.call;
    if (number == 0) end(1, "a call without a number");
    if (!configured) return refuse(number, REFUSED_NOT_CONFIGURED, 0);
    if (running_call(number) != NULL) return refuse(number, REFUSED_NUMBER_IN_USE, 0);
    struct start request;
    switch (parse_start(&request, channel.payload, channel.header.size, channel.descriptor_count)) {
    case PARSED: run(&request); break;
    case PARSED_NO_MEMORY: refuse(number, REFUSED_MEMORY, ENOMEM); break;
    case PARSED_MALFORMED: end(1, "a malformed request");
    }
    free_start(&request);
}

static void stop(void) {
    struct kill_request request;
    if (channel.header.size != sizeof request) end(1, "a malformed request");
    memcpy(&request, channel.payload, sizeof request);
    if (request.signal == 0 || request.signal > 31) return refuse(channel.header.call, REFUSED_KILL_SIGNAL, EINVAL);
    struct call *call = running_call(channel.header.call);
    if (call == NULL) return;
    if (request.signal == SIGKILL) call->killed_by_request = true;
    signal_call(call, (int)request.signal);
}

static void answer_ping(void) {
    unsigned long long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL) {
        if (fscanf(file, "%llu %llu", &total, &resident) != 2) resident = 0;
        fclose(file);
    }
    struct pong_event pong = {.running = running,
                              .landlock = (uint32_t)settings.landlock_abi,
                              .finished = finished,
                              .resident_bytes = resident * (uint64_t)sysconf(_SC_PAGESIZE)};
    tell(EVENT_PONG, channel.header.call, &pong, sizeof pong);
}

static void take_requests(void) {
    while (!has_backlog(&channel)) {
        enum received received = receive_frame(&channel);
        if (received == RECEIVED_NOTHING) return;
        if (received == RECEIVED_END) end(channel.got == 0 ? 0 : 1, NULL);
        switch (channel.header.kind) {
        case REQUEST_CONFIGURE: configure(); break;
        case REQUEST_START: start(); break;
        case REQUEST_KILL: stop(); break;
        case REQUEST_PING: answer_ping(); break;
        case REQUEST_SHUTDOWN: end(0, NULL);
        default: end(1, "an unknown request");
        }
        drop_frame(&channel);
    }
}

static void call_ended(struct call *call) {
    struct exited_event exited;
    struct failed_event failed;
    uint32_t number = call->number;
    // Explicitly: a first process that was just cloned still has a copy of this descriptor, and with it epoll would go on
    // telling of this end, for a place that is somebody else's by then.
    if (epoll_ctl(events, EPOLL_CTL_DEL, call->alive, NULL) != 0) end(1, "cannot leave a call");
    bool was_running = call->state == CALL_RUNNING;
    bool ran = finish_call(call, &reports[call - calls], &exited, &failed);
    if (call->mounts >= 0) condemned[condemned_count++] = call->mounts;
    if (!was_running) {
        prepared--;
        preparing_fails = true;
        return;
    }
    running--;
    finished++;
    if (ran) tell(EVENT_EXITED, number, &exited, sizeof exited);
    else tell(EVENT_FAILED, number, &failed, sizeof failed);
}

static int64_t milliseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

_Noreturn static void serve(void) {
    int64_t next_look = 0; // 0: nothing runs
    struct epoll_event interest = {.events = EPOLLIN, .data.ptr = NULL};
    for (;;) {
        int64_t now = running == 0 ? 0 : milliseconds_now();
        if (running == 0) next_look = 0;
        else if (next_look == 0) next_look = now + settings.fixed.watch_milliseconds;
        else if (now >= next_look) {
            watch_calls(calls, CALL_LIMIT, &settings);
            next_look = milliseconds_now() + settings.fixed.watch_milliseconds;
        }
        struct epoll_event ready[32];
        int patience = running == 0 ? -1 : next_look > now ? (int)(next_look - now) : 0;
        int count = epoll_wait(events, ready, 32, patience);
        if (count < 0 && errno != EINTR) end(1, "cannot wait");
        for (int index = 0; index < count; index++) {
            if (ready[index].data.ptr != NULL) call_ended(ready[index].data.ptr);
        }
        if (!flush_events(&channel)) end(1, "cannot reach the daemon");
        // After the daemon was told.
        while (condemned_count > 0) close_later(settings.own[2], condemned[--condemned_count]);
        // Ends first: they make room for what is asked next.
        take_requests();
        prepare_more();
        uint32_t wanted = (has_backlog(&channel) ? 0 : EPOLLIN) | (channel.pending_size > 0 ? EPOLLOUT : 0);
        if (wanted == interest.events) continue;
        interest.events = wanted;
        if (epoll_ctl(events, EPOLL_CTL_MOD, channel.socket, &interest) != 0) end(1, "cannot watch the channel");
    }
}

static void prepare(void) {
    int domain = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(0, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) end(1, "descriptor 0 is no socket");
    if (domain != AF_UNIX) end(1, "descriptor 0 is no unix socket");
    // Nobody inside may look at us or make us dump core, whatever else goes wrong.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) end(1, "cannot forbid inspection");
    // Calls inherit the mask; their programs get an empty one.
    sigset_t all;
    sigfillset(&all);
    if (sigprocmask(SIG_SETMASK, &all, NULL) != 0) end(1, "cannot block signals");
    // What a daemon ignores is inherited, and a program that does not get SIGXFSZ or SIGXCPU hides the limit it met.
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) end(1, "cannot make mounts private");

    settings.null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    settings.outer_proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (settings.null < 0 || settings.outer_proc < 0) end(1, "cannot open /dev/null and /proc");
    channel.socket = fcntl(0, F_DUPFD_CLOEXEC, 3);
    if (channel.socket < 0 || dup2(settings.null, 0) != 0) end(1, "cannot move the channel");
    reports = mmap(NULL, CALL_LIMIT * sizeof *reports, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (reports == MAP_FAILED) end(1, "cannot share memory");

    events = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event interest = {.events = EPOLLIN, .data.ptr = NULL};
    if (events < 0 || epoll_ctl(events, EPOLL_CTL_ADD, channel.socket, &interest) != 0) end(1, "cannot wait");
    settings.own[0] = channel.socket;
    settings.own[1] = events;
    settings.own[2] = start_janitor();
    if (settings.own[2] < 0) end(1, "cannot start the janitor");
}

int main(void) {
    prepare();
    serve();
}
#else
#include <stdio.h>
int main(void) {
    fputs("execlayer-sandbox-init: only Linux has the namespaces this needs\n", stderr);
    return 125;
}
#endif
