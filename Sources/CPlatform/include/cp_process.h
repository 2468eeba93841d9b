#ifndef CP_PROCESS_H
#define CP_PROCESS_H

/// Seconds since the machine was started, sleep included; a clock that nobody can set. -1 when there is none.
double cp_seconds_since_boot(void);

/// Forbids core dumps and reading this process's memory and /proc files by others (SECURITY R35).
/// Returns 0, or an errno.
int cp_forbid_inspection(void);

/// Overwrites the value of an environment variable in the memory the kernel shows as /proc/PID/environ, then removes
/// the variable. Does nothing when it is not set. Call before other threads are started.
void cp_forget_variable(const char *name);

/// Overwrites the characters of an argument of this process, so that /proc/PID/cmdline shows `*` instead.
void cp_mask_argument(char *argument);

/// Lets every signal through again, whatever the parent process blocked: a mask is inherited, and a daemon that never
/// sees SIGTERM can only be killed. Call before other threads are started.
void cp_unblock_signals(void);

/// From now on SIGTERM and SIGINT are told to the reader of the returned descriptor, one byte a signal, instead of ending
/// the process; the second one ends it. Returns -1 and sets errno on failure. To be called once.
///
/// A handler and a pipe, because a dispatch source may never hear of a signal that is delivered to a thread which does
/// not belong to Dispatch.
int cp_open_stop_signals(void);

/// Tells `each` the path of every shared library of this process, as the dynamic linker found it; nothing on macOS, where
/// the system's are in no file. A path is valid during the call only.
void cp_each_library(void (*each)(const char *path, void *context), void *context);

/// Resident memory of this process in bytes, -1 when it cannot be read.
long long cp_resident_bytes(void);

/// Tells the processor that this thread looks at the same place over and over; 10 to 50 nanoseconds.
static inline void cp_spin(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Gives back to the system what the allocator keeps but does not use, and the pages of code that only the start
/// needed: the kernel maps sixteen pages around every first touch. For the moment when a start is done.
void cp_return_memory(void);

#endif
