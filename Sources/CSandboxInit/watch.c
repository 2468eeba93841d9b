// Memory and processes of calls that no cgroup counts. The supervisor's /proc shows every process inside the outer wall;
// which call one belongs to is told by its pid namespace.
#if defined(__linux__)
#define _GNU_SOURCE
#include "call.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tally {
    uint64_t resident, proportional;
    uint32_t processes;
};

static ssize_t read_text(int proc, const char *path, char *text, size_t room) {
    int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t size = read(file, text, room - 1);
    close(file);
    text[size < 0 ? 0 : size] = '\0';
    return size;
}

static void read_namespace(int proc, const char *process, char *into, size_t room) {
    char path[64];
    snprintf(path, sizeof path, "%.20s/ns/pid", process);
    ssize_t size = readlinkat(proc, path, into, room - 1);
    into[size < 0 ? 0 : size] = '\0';
}

static uint64_t resident_bytes(int proc, const char *process) {
    char path[64], text[128];
    unsigned long long total = 0, resident = 0;
    snprintf(path, sizeof path, "%.20s/statm", process);
    if (read_text(proc, path, text, sizeof text) <= 0) return 0;
    if (sscanf(text, "%llu %llu", &total, &resident) != 2) return 0;
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t kibibytes_after(const char *text, const char *key) {
    const char *found = strstr(text, key);
    return found == NULL ? 0 : strtoull(found + strlen(key), NULL, 10) * 1024;
}

static uint64_t proportional_bytes(int proc, const char *process) {
    char path[64], text[2048];
    snprintf(path, sizeof path, "%.20s/smaps_rollup", process);
    return read_text(proc, path, text, sizeof text) <= 0 ? 0 : kibibytes_after(text, "\nPss:");
}

static struct call *owner_of(struct call *calls, int count, const char *namespace) {
    for (int index = 0; index < count; index++) {
        if (calls[index].state == CALL_RUNNING && strcmp(calls[index].namespace, namespace) == 0) return &calls[index];
    }
    return NULL;
}

/// Adds every process to its call's tally. With `exact`, by PSS, and only for calls whose resident sum is above their
/// limit: pages that processes share count once then, and that costs a walk over their page tables.
static void count_processes(struct call *calls, int count, struct tally *tallies, int proc, bool exact) {
    int folder = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = folder < 0 ? NULL : fdopendir(folder);
    if (listing == NULL) {
        if (folder >= 0) close(folder);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
        char namespace[32];
        read_namespace(proc, entry->d_name, namespace, sizeof namespace);
        struct call *call = namespace[0] == '\0' ? NULL : owner_of(calls, count, namespace);
        if (call == NULL) continue;
        struct tally *tally = &tallies[call - calls];
        if (!exact) {
            tally->processes++;
            tally->resident += resident_bytes(proc, entry->d_name);
        } else if (tally->resident > call->watched_memory) {
            tally->proportional += proportional_bytes(proc, entry->d_name);
        }
    }
    closedir(listing);
}

static void exceed(struct call *call, uint32_t limit) {
    if (call->limit != LIMIT_NONE) return;
    call->limit = limit;
    kill_call(call);
}

static void keep_spare(struct call *calls, int count, const struct tally *tallies, const struct settings *settings) {
    // Memory that is in no process's page tables: files in memory, pipes, shared segments.
    char text[512];
    if (settings->fixed.spare_memory == 0) return;
    if (read_text(settings->outer_proc, "meminfo", text, sizeof text) <= 0) return;
    uint64_t available = kibibytes_after(text, "MemAvailable:");
    if (available == 0 || available >= settings->fixed.spare_memory) return;
    int largest = -1;
    for (int index = 0; index < count; index++) {
        if (calls[index].state != CALL_RUNNING || calls[index].limit != LIMIT_NONE) continue;
        if (largest < 0 || tallies[index].resident > tallies[largest].resident) largest = index;
    }
    if (largest >= 0) exceed(&calls[largest], LIMIT_SPARE_MEMORY);
}

void watch_calls(struct call *calls, int count, const struct settings *settings) {
    static struct tally tallies[CALL_LIMIT];
    memset(tallies, 0, sizeof tallies);
    for (int index = 0; index < count; index++) {
        if (calls[index].state != CALL_RUNNING || calls[index].namespace[0] != '\0') continue;
        char process[24];
        snprintf(process, sizeof process, "%d", (int)calls[index].first);
        read_namespace(settings->outer_proc, process, calls[index].namespace, sizeof calls[index].namespace);
    }
    count_processes(calls, count, tallies, settings->outer_proc, false);
    bool doubtful = false;
    for (int index = 0; index < count; index++) {
        struct call *call = &calls[index];
        if (call->state != CALL_RUNNING) continue;
        // Ours is one of them.
        if (call->watched_processes != 0 && tallies[index].processes > call->watched_processes + 1) {
            exceed(call, LIMIT_PROCESSES);
        }
        bool over = call->watched_memory != 0 && tallies[index].resident > call->watched_memory;
        if (!over && tallies[index].resident > call->peak) call->peak = tallies[index].resident;
        doubtful |= over && call->limit == LIMIT_NONE;
    }
    if (doubtful) {
        count_processes(calls, count, tallies, settings->outer_proc, true);
        for (int index = 0; index < count; index++) {
            struct call *call = &calls[index];
            if (call->state != CALL_RUNNING || call->watched_memory == 0) continue;
            if (tallies[index].proportional > call->peak) call->peak = tallies[index].proportional;
            if (tallies[index].proportional > call->watched_memory) exceed(call, LIMIT_MEMORY);
        }
    }
    keep_spare(calls, count, tallies, settings);
}
#endif
