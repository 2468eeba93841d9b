#ifndef CP_LOG_H
#define CP_LOG_H

#include <stdint.h>

/* Makes written data durable, and what is needed to find it. 0 or errno. */
int cp_log_sync(int fd);

/* Keeps disk space for length bytes from offset on without changing the file's size. 0 or errno. */
int cp_log_reserve(int fd, int64_t offset, int64_t length);

#endif
