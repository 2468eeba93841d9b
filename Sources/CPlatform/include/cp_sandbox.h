#ifndef CP_SANDBOX_H
#define CP_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

// What the daemon needs to talk to the sandbox's waiting supervisors: sockets that carry descriptors, pipes, and one
// place to wait for all of them. Every function answers 0 or more on success and the negated errno on failure; none
// blocks but cp_poll_wait. Descriptors are close-on-exec.

// Both ends of a unix stream socket; the first one does not block.
int cp_socket_pair(int ends[2]);

#define CP_PIPE_READER_WAITS 1
#define CP_PIPE_WRITER_WAITS 2
// A pipe, ends[0] for reading. `waits` tells which ends block; what is ours does not, what a program gets does.
int cp_pipe(int ends[2], int waits);

// Sends as much as fits, at least one byte; the descriptors travel with the first one. Raises no signal.
int64_t cp_send(int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count);
// 0 is the end of the stream. Descriptors that come along are closed by the kernel.
int64_t cp_receive(int socket, void *into, size_t room);
// Takes the descriptor that was sent over a socket, close-on-exec, without waiting; -EAGAIN when none was.
int cp_receive_descriptor(int socket);
int64_t cp_read(int descriptor, void *into, size_t room);
// A writer without readers gets EPIPE; on a thread that did not call cp_block_pipe_signal also SIGPIPE.
int64_t cp_write(int descriptor, const void *bytes, size_t count);
// From now on writing to a pipe nobody reads does not end the process when this thread does it.
void cp_block_pipe_signal(void);

#define CP_READY_READ 1u
#define CP_READY_WRITE 2u
#define CP_READY_END 4u
typedef struct cp_ready {
    uint64_t token;
    uint32_t what;
} cp_ready;
int cp_poll_open(void);
int cp_poll_add(int poll, int descriptor, uint32_t what, uint64_t token);
int cp_poll_change(int poll, int descriptor, uint32_t what, uint64_t token);
int cp_poll_remove(int poll, int descriptor);
// Waits until something is ready, without a deadline; how many there are. 0 when a signal came.
int cp_poll_wait(int poll, cp_ready *ready, size_t room);

// A descriptor that is ready for reading once the moment has come; cp_monotonic_ns counts the same clock.
int cp_timer_open(void);
int cp_timer_arm(int timer, int64_t at_ns);
// A descriptor that is ready for reading once cp_signal_wake was called.
int cp_wake_open(void);
int cp_signal_wake(int wake);
// Takes what made a timer or a wake descriptor ready.
void cp_settle(int descriptor);
int64_t cp_monotonic_ns(void);
// What the clock on the wall says, in nanoseconds since 1970: the clock of file times.
int64_t cp_wall_ns(void);

// The kernel's Landlock ABI, 0 without Landlock.
int cp_landlock_abi(void);

#endif
