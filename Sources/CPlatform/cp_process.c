#define _GNU_SOURCE
#include "cp_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
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

static volatile int stop_signals_writer = -1;

static void stop_signal_came(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    // The pipe is empty when the first signal comes, so the byte fits.
    ssize_t written = write(stop_signals_writer, &byte, 1);
    (void)written;
    errno = saved;
}

int cp_open_stop_signals(void) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    for (int end = 0; end < 2; end++) {
        if (fcntl(ends[end], F_SETFD, FD_CLOEXEC) != 0) return -1;
    }
    stop_signals_writer = ends[1];
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = stop_signal_came;
    // Once: whoever asks a second time does not want to wait.
    action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGTERM, &action, NULL) != 0 || sigaction(SIGINT, &action, NULL) != 0) return -1;
    return ends[0];
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

#ifdef __linux__
/// Whether the loader wrote into the object's code: what it wrote there exists nowhere else.
static int has_text_relocations(const struct dl_phdr_info *object) {
    for (int i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
        const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
        for (; entry->d_tag != DT_NULL; entry++) {
            if (entry->d_tag == DT_TEXTREL) return 1;
            if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL)) return 1;
        }
    }
    return 0;
}

/// Unmaps the pages of code that were touched so far. Code is mapped from its file and never written, so a page that is
/// needed again is mapped again, from the page cache.
static int forget_code(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    if (has_text_relocations(object)) return 0;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || (segment->p_flags & PF_W)) continue;
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz + page - 1) & ~(page - 1);
        // The kernel's own object (vdso) refuses, which is right.
        (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}
#endif

void cp_return_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
#ifdef __linux__
    dl_iterate_phdr(forget_code, NULL);
#endif
}

#ifdef __linux__
struct listener {
    void (*each)(const char *path, void *context);
    void *context;
};

static int tell_library(struct dl_phdr_info *object, size_t size, void *context) {
    const struct listener *listener = context;
    (void)size;
    // The program itself has no name here, and what the kernel maps has one without a folder.
    if (object->dlpi_name != NULL && object->dlpi_name[0] == '/') listener->each(object->dlpi_name, listener->context);
    return 0;
}
#endif

void cp_each_library(void (*each)(const char *path, void *context), void *context) {
#ifdef __linux__
    struct listener listener = {each, context};
    dl_iterate_phdr(tell_library, &listener);
#else
    (void)each;
    (void)context;
#endif
}
