#define _GNU_SOURCE
#include "cp_log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int cp_log_sync(int fd) {
    int result;
#if defined(__APPLE__)
    /* fsync there leaves the data in the drive's cache. */
    result = fcntl(fd, F_FULLFSYNC);
    if (result != 0) result = fsync(fd);
#else
    do {
        result = fdatasync(fd);
    } while (result != 0 && errno == EINTR);
#endif
    return result == 0 ? 0 : errno;
}

int cp_log_reserve(int fd, int64_t offset, int64_t length) {
#if defined(__linux__)
    int result;
    do {
        result = fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
#else
    (void)fd;
    (void)offset;
    (void)length;
    return EOPNOTSUPP;
#endif
}
