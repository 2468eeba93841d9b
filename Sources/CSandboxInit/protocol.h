#ifndef EXECLAYER_PROTOCOL_H
#define EXECLAYER_PROTOCOL_H

/// What the daemon and the waiting supervisor say to each other over a unix stream socket (the supervisor's
/// descriptor 0). Everything is little-endian; both ends run on the same machine, so the structs below are the wire.
///
/// A frame is a header and `size` bytes of payload. The daemon sends a frame that carries descriptors with one
/// `sendmsg`, so that they arrive with the header's first byte. A frame that breaks a rule of this page ends the
/// supervisor: a peer that cannot count is not asked to try again. A frame that is well formed and cannot be done is
/// answered with EVENT_REFUSED.
///
/// A *block* is a u32 number of bytes and then that many bytes: strings, each ended by a NUL, none left over.
/// A list's number of strings stands in the fixed part and has to be exactly what its block holds.

#include <stdint.h>

#define PROTOCOL_VERSION 1
#define FRAME_LIMIT (4u * 1024 * 1024)
/// As many descriptors as a frame may carry: stdin, stdout, stderr, one cgroup.procs per hierarchy, and a line each for
/// the call's folder and its way out of its network.
#define CGROUP_LIMIT 4
#define DESCRIPTOR_LIMIT (5 + CGROUP_LIMIT)
#define CALL_LIMIT 256
#define PATH_LIST_LIMIT 64
#define SCRATCH_LIMIT 8
#define KEPT_LIMIT 8
#define LANDMARK_LIMIT 4096
#define PREPARED_LIMIT 16
#define OVERLAY_LIMIT 64
#define PROTECT_LIMIT 4096
#define STRING_LIST_LIMIT 65536
/// Where the outer wall has the folder in which upper and work folders of overlays lie.
#define LAYERS "/.execlayer/layers"
/// Where a call with a network of its own finds the way out of it: 127.0.0.1 there.
#define GUARD_PORT 3128
/// Connections that wait until the daemon takes them.
#define GUARD_BACKLOG 128

struct frame_header {
    uint32_t size;        // bytes of payload after this header, at most FRAME_LIMIT
    uint16_t version;     // PROTOCOL_VERSION
    uint16_t kind;        // REQUEST_* or EVENT_*
    uint32_t call;        // the daemon's number for a call, never 0 where a call is meant, else 0
    uint32_t descriptors; // how many come with this frame
};

enum {
    REQUEST_CONFIGURE = 1, // once, before anything else; answered by EVENT_READY or EVENT_REFUSED
    REQUEST_START = 2,     // answered by EVENT_EXITED, EVENT_FAILED or EVENT_REFUSED, exactly one of them
    REQUEST_KILL = 3,      // no answer of its own; a call that is not running any more is passed over in silence
    REQUEST_PING = 4,      // answered by EVENT_PONG
    REQUEST_SHUTDOWN = 5,  // every call dies, then the supervisor ends with 0
};

enum {
    EVENT_READY = 0x81,
    EVENT_STARTED = 0x82,
    EVENT_EXITED = 0x83,
    EVENT_FAILED = 0x84,
    EVENT_REFUSED = 0x85,
    EVENT_PONG = 0x86,
};

enum {
    CONFIGURE_INTERNET_SOCKETS = 1 << 0, // AF_INET and AF_INET6 exist; only the outer wall's own `lo` answers them
    CONFIGURE_TERMINALS = 1 << 1,        // a private /dev/pts for each call
    CONFIGURE_WITHOUT_LANDLOCK = 1 << 2, // start even where the kernel has no Landlock; EVENT_READY tells
    CONFIGURE_UNIX_SOCKETS = 1 << 3,     // AF_UNIX exists beyond pairs of connected sockets
    CONFIGURE_LAYERS = 1 << 4,           // something is mounted on LAYERS, for the upper folders of overlays
};

/// Then: a block of `readable` paths, a block of `writable` paths (both for Landlock, all must exist), a block of
/// `scratch` paths, as many `struct scratch_size`, and a block of `kept` paths. A scratch path is an existing folder that
/// each call finds as an empty tmpfs of its own; they are mounted in the order given. A kept path is a folder that lies
/// below a scratch path and stays visible there, with what is mounted on it: a workspace in /tmp. Last come a block of
/// `landmarks` paths and as many `struct landmark`: on each of them something has to be mounted, reached without links.
///
/// LAYERS is taken away from each call before it runs anything, whether the call has an overlay or not.
struct configure_request {
    uint32_t flags;
    uint32_t watch_milliseconds; // how often running calls are measured, 10...1000
    uint32_t uid;                // who the calls run as, an id of the supervisor's user namespace
    uint32_t gid;
    uint32_t visible_uid; // what they see as their own id, an id of the call's user namespace
    uint32_t visible_gid;
    uint32_t readable;
    uint32_t writable;
    uint32_t scratch;
    uint32_t kept;
    uint32_t prepared; // how many first processes wait in namespaces of their own for a call to come, 0...PREPARED_LIMIT
    uint32_t landmarks;
    uint64_t spare_memory; // the largest call dies when the machine has less than this available; 0: not watched
};

struct scratch_size {
    uint64_t bytes;
    uint32_t files; // inodes
    uint32_t mode;  // permissions of the folder, such as 01777
};

/// What has to be mounted on a path; an inode of 0: anything. Whoever may write to a folder above it could put a link to
/// another place of the host in its way between the moment it was chosen and the moment it was mounted.
struct landmark {
    uint64_t device; // major << 32 | minor
    uint64_t inode;
    int64_t made_nanoseconds; // not looked at where the file system does not know
};

enum {
    START_STDIN = 1 << 0,    // a descriptor for stdin comes first; without it stdin is /dev/null
    START_ANNOUNCE = 1 << 1, // send EVENT_STARTED
    START_LEND = 1 << 2,     // a unix socket follows; the call's folder is sent over it before the program starts
    START_GUARDED = 1 << 3,  // a unix socket comes last; a listener in a network of the call's own is sent over it
};

/// Descriptors in this order: stdin (with START_STDIN), stdout, stderr, then `cgroups` files called cgroup.procs, open
/// for writing (v1 and v2 alike): the call's first process enters each before it does anything else. With START_LEND
/// a socket follows, over which the first process sends one byte with a descriptor of the folder, opened for reading as
/// the call's user: it outlives the call, so what the program left there can be read when nothing of it runs any more.
/// With START_GUARDED comes another socket. The call gets a network namespace that nobody else is in, with nothing but
/// `lo`; over the socket goes one byte with a listener at 127.0.0.1:GUARD_PORT of that namespace, before the program
/// starts. Nobody inside has the listener, so whoever connects there speaks to the daemon.
///
/// Then the blocks: program (1 string, absolute), folder (1 string, absolute), arguments, environment, overlays
/// (4 strings each: target, lower, upper, work), protected paths (absolute, existing, without links).
///
/// An overlay does not show what is mounted inside its lower folder. So whatever must stay as the outer wall has it
/// (masks, other contents, folders of a toolchain) has to be a protected path: it is found beneath the overlays, with
/// what is mounted on it and in it, and bound over them, read-only. A folder comes before what lies in it. No overlay's
/// target lies in that of another.
struct start_request {
    uint32_t flags;
    uint32_t cgroups;
    uint32_t umask;
    uint32_t arguments;
    uint32_t environment;
    uint32_t overlays;
    uint32_t protected_paths;
    uint32_t watched_processes; // more living processes than this end the call; 0: not watched
    uint64_t watched_memory;    // bytes, summed PSS of the call's processes; 0: not watched
    // Resource limits of each process; 0: as the supervisor has it. Core files are always forbidden.
    uint64_t cpu_seconds;
    uint64_t file_bytes;
    uint64_t open_files;
    uint64_t processes; // RLIMIT_NPROC, counted for this call alone; does not hold where the ids are the host's root
    uint64_t data_bytes;
    uint64_t stack_bytes;
    uint64_t locked_bytes;
};

/// SIGKILL ends everything the call started. Any other signal goes to the process group of its program.
struct kill_request {
    uint32_t signal;
};

struct ready_event {
    uint32_t landlock; // the kernel's Landlock ABI, 0: none
    uint32_t flags;    // READY_*
};

enum {
    READY_OWN_IDS = 1 << 0, // calls do not run as the user the supervisor runs as
};

struct started_event {
    uint32_t pid; // of the call's first process, in the supervisor's numbering; for logs only
};

enum { LIMIT_NONE, LIMIT_MEMORY, LIMIT_PROCESSES, LIMIT_CPU, LIMIT_FILE_SIZE, LIMIT_SPARE_MEMORY };

/// Sent when no process of the call is left.
struct exited_event {
    int32_t exit_code;   // -1 when a signal ended it
    int32_t signal;      // 0 when it exited
    uint32_t limit;      // LIMIT_*
    uint32_t by_request; // 1: a SIGKILL that was asked for ended it
    uint64_t user_microseconds;
    uint64_t system_microseconds;
    uint64_t largest_resident_bytes; // of one process
    uint64_t watched_peak_bytes;     // of all together, as far as they were measured; 0: ended before a measurement
};

/// The program was not started; nothing is left of the attempt.
struct failed_event {
    uint32_t step;
    int32_t error; // errno
    uint32_t index; // which path of a list, from 0
};

/// Steps of EVENT_FAILED.
enum {
    STEP_NONE,
    STEP_CLONE,
    STEP_PROC,
    STEP_SCRATCH,
    STEP_TERMINALS,
    STEP_REQUEST,
    STEP_OVERLAY,
    STEP_PROTECT,
    STEP_IDS,
    STEP_USER_NAMESPACE,
    STEP_CAPABILITIES,
    STEP_LANDLOCK,
    STEP_SECCOMP,
    STEP_CGROUP,
    STEP_DESCRIPTORS,
    STEP_LIMITS,
    STEP_FOLDER,
    STEP_FORK,
    STEP_EXEC,
    STEP_LEND,
    STEP_LAYERS,
    STEP_NETWORK,
};

enum {
    REFUSED_NOT_CONFIGURED = 1,
    REFUSED_CONFIGURED_TWICE,
    REFUSED_NUMBER_IN_USE,
    REFUSED_TOO_MANY_CALLS,
    REFUSED_PATH,        // of CONFIGURE: `index` counts readable and writable, or is their number for the others; `error` tells why
    REFUSED_NO_LANDLOCK,
    REFUSED_SECCOMP,
    REFUSED_MEMORY,
    REFUSED_KILL_SIGNAL,
    REFUSED_MOVED, // of CONFIGURE: the landmark number `index` is something else; `error` tells why
};

struct refused_event {
    uint32_t reason;
    int32_t error;
    uint32_t index;
};

struct pong_event {
    uint32_t running;
    uint32_t landlock;
    uint64_t finished; // calls since the start
    uint64_t resident_bytes; // of the supervisor
};

#endif
