#if defined(__linux__)
#include "reader.h"

#include <string.h>

void read_fixed(struct reader *reader, void *into, size_t size) {
    if (!reader->sound || reader->left < size) {
        reader->sound = false;
        memset(into, 0, size);
        return;
    }
    memcpy(into, reader->next, size);
    reader->next += size;
    reader->left -= size;
}

void read_strings(struct reader *reader, char **into, uint32_t count) {
    uint32_t size = 0;
    into[0] = NULL;
    read_fixed(reader, &size, sizeof size);
    if (!reader->sound || reader->left < size) {
        reader->sound = false;
        return;
    }
    const char *end = reader->next + size;
    for (uint32_t index = 0; index < count; index++) {
        size_t room = (size_t)(end - reader->next);
        const char *stop = memchr(reader->next, 0, room);
        if (stop == NULL) {
            reader->sound = false;
            return;
        }
        // execve and mount take `char *` and do not write to it.
        into[index] = (char *)(uintptr_t)reader->next;
        into[index + 1] = NULL;
        reader->next = stop + 1;
    }
    if (reader->next != end) reader->sound = false;
    reader->left -= size;
}

bool read_all(const struct reader *reader) {
    return reader->sound && reader->left == 0;
}
#endif
