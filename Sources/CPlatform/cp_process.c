#define _GNU_SOURCE
#include "cp_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <malloc.h>
#include <sys/prctl.h>
#endif

double cp_seconds_since_boot(void) {
    struct timespec now;
#ifdef __linux__
    clockid_t clock = CLOCK_BOOTTIME;
#else
    clockid_t clock = CLOCK_MONOTONIC; // on Darwin it counts sleep
#endif
    if (clock_gettime(clock, &now) != 0) return -1;
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int cp_forbid_inspection(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return errno;
#ifdef __linux__
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return errno;
#endif
    return 0;
}

void cp_forget_variable(const char *name) {
    char *value = getenv(name);
    if (value == NULL) return;
    // Volatile, so that the compiler keeps a store nobody reads.
    for (volatile char *byte = value; *byte != '\0'; byte++) *byte = '*';
    unsetenv(name);
}

void cp_mask_argument(char *argument) {
    for (volatile char *byte = argument; *byte != '\0'; byte++) *byte = '*';
}

void cp_unblock_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

long long cp_resident_bytes(void) {
#ifdef __linux__
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) return -1;
    long long total = 0, resident = 0;
    int fields = fscanf(file, "%lld %lld", &total, &resident);
    fclose(file);
    return fields == 2 ? resident * sysconf(_SC_PAGESIZE) : -1;
#else
    return -1;
#endif
}

void cp_return_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
