#ifndef CP_LAYERS_H
#define CP_LAYERS_H

#include <stdint.h>

// What copy-on-write layers need of the system. The same rules as in cp_files.h: 0 or more on success, the negated errno
// on failure. A name is one component, of any bytes, and a link is never followed.

// Whether a name in a layer's upper folder stands for a deletion: the character device 0/0. 1, 0, or an errno.
int cp_layer_is_whiteout_in(int folder, const char *name);

// Whether an upper folder hides everything of the lower one. 1 or 0.
int cp_layer_is_opaque(int folder);

// Whether an upper file began as a copy of a lower one. 1 or 0.
int cp_layer_is_copied_up(int descriptor);

// Whether the file system keeps the marks that a layer needs: user attributes of folders. 1 or 0.
int cp_layer_keeps_marks(int folder);

// Where a link leads, not ended by a NUL; its length. A longer one is ENAMETOOLONG.
int64_t cp_layer_read_link_in(int folder, const char *name, char *buffer, int64_t capacity);
int cp_layer_make_link_in(int folder, const char *name, const char *target);

// Permissions of a file or folder that may be shut; a link is EOPNOTSUPP.
int cp_layer_set_mode_in(int folder, const char *name, uint32_t mode);
int cp_layer_set_owner_in(int folder, const char *name, uint32_t owner, uint32_t group);

// Copies everything that `from` holds to the end of `to`, without writing holes; how many bytes.
int64_t cp_layer_copy_content(int from, int to);

// Removes everything in a folder that is ours, however deep and whatever its permissions. 0 when it is empty then.
int cp_layer_empty_folder(int folder);

#endif
