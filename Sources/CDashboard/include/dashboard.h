#ifndef EXECLAYER_DASHBOARD_H
#define EXECLAYER_DASHBOARD_H

#include <stddef.h>

/// The dashboard's files, which are part of the executable.

/// One file; everything it points to lives as long as the process.
typedef struct {
    /// As the pages name it, such as `app.js`.
    const char *_Nonnull name;
    /// Its media type.
    const char *_Nonnull type;
    const unsigned char *_Nonnull bytes;
    size_t count;
} cd_file;

/// How many files there are. The first is the page itself.
size_t cd_file_count(void);

/// The file at `index`, or NULL when there is none.
const cd_file *_Nullable cd_file_at(size_t index);

#endif
