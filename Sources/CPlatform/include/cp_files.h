#ifndef CP_FILES_H
#define CP_FILES_H

#include <stddef.h>
#include <stdint.h>

// System calls of the file layer that Swift cannot reach or would have to spell per platform.
// Every function answers 0 or more on success and the negated errno on failure; none prints, none allocates unless
// it says so. Descriptors are always opened close-on-exec and never become the controlling terminal.

#define CP_KIND_FILE 0
#define CP_KIND_FOLDER 1
#define CP_KIND_LINK 2
#define CP_KIND_SPECIAL 3
#define CP_KIND_UNKNOWN 4

typedef struct cp_facts {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t changed_ns;
    int64_t modified_ns;
    uint32_t mode;
    uint32_t kind;
    uint32_t owner;
    uint32_t group;
    uint64_t links;
} cp_facts;

// What a descriptor is opened for. LOOK gives one that serves facts and its path only and never touches a device.
#define CP_OPEN_LOOK 0
#define CP_OPEN_READ 1
#define CP_OPEN_FOLDER 2

// The folder that everything below is opened beneath.
int cp_open_root(const char *path);

// Opens `path` relative to `root` without ever leaving it (SECURITY R1). Links beneath the root are followed only when
// `follow` is not 0, and then only on Linux.
int cp_open_beneath(int root, const char *path, int purpose, int follow);

// Opens one name in a folder; a link is ELOOP.
int cp_open_in(int folder, const char *name, int purpose);

// Makes a new file, mode 0600, for writing; an existing name of any kind is EEXIST.
int cp_create_in(int folder, const char *name);

// Opens a file for writing at its end, made with mode 0600 where there is none; a link is ELOOP.
int cp_append_in(int folder, const char *name);

int cp_close(int descriptor);
int cp_descriptor_facts(int descriptor, cp_facts *facts);

// Facts of one name in a folder; a link is not followed.
int cp_facts_in(int folder, const char *name, cp_facts *facts);

// 1 for a FIFO or a device, 0 for everything else, sockets included.
int cp_is_pipe_or_device_in(int folder, const char *name);

// What tells one file or folder from every other, also from a later one of the same name and inode number.
typedef struct cp_identity {
    uint64_t device;
    uint64_t inode;
    // When it was made; where the file system does not know, when it was last changed.
    int64_t made_ns;
} cp_identity;

// Of an absolute path; a link at its end is not followed.
int cp_identity_of(const char *path, cp_identity *identity);
// Of one name in a folder; `.` is the folder itself, and on Linux an empty name what the descriptor stands for.
int cp_identity_in(int folder, const char *name, cp_identity *identity);

// Whether the effective user may write the file; 0 or the negated errno.
int cp_may_write_in(int folder, const char *name);

// The absolute path that the system knows for the descriptor, NUL-terminated; its length.
int cp_path_of(int descriptor, char *buffer, size_t capacity);

int64_t cp_read_at(int descriptor, void *buffer, size_t count, int64_t offset);
int cp_write_all(int descriptor, const void *bytes, size_t count);
int cp_sync(int descriptor);

// Has the contents of a file written to the disk without waiting for it, where the system can; 0 or the negated errno.
int cp_begin_sync(int descriptor);
int cp_set_owner(int descriptor, uint32_t owner, uint32_t group);
int cp_set_mode(int descriptor, uint32_t mode);

// When its content counts as last changed, in nanoseconds since 1970.
int cp_set_modified(int descriptor, int64_t nanoseconds);

// Copies access lists and user attributes; what the file system does not know is left out.
int cp_copy_attributes(int from, int to);

int cp_make_folder_in(int folder, const char *name);
int cp_remove_folder_in(int folder, const char *name);
int cp_unlink_in(int folder, const char *name);

// Swaps two names of one folder in one step. EINVAL or ENOSYS: this file system cannot.
int cp_exchange_in(int folder, const char *left, const char *right);
// Renames within one folder; EEXIST when `to` is taken.
int cp_rename_new_in(int folder, const char *from, const char *to);
// The same between two folders of one file system.
int cp_move_new(int from_folder, const char *from, int to_folder, const char *to);
// Renames within one folder and replaces.
int cp_rename_in(int folder, const char *from, const char *to);
int cp_link_in(int folder, const char *from, const char *to);

// Bytes that this user may still write where the descriptor lies.
int64_t cp_free_bytes(int descriptor);

// The names in a folder but `.` and `..`, sorted by their bytes.
typedef struct cp_listing {
    char *names;
    uint32_t *offsets;
    uint8_t *kinds;
    size_t count;
    int truncated;
} cp_listing;

// Reads at most `limit` names. Allocates; to be given back with cp_listing_free, also after a failure.
int cp_list_folder(int folder, size_t limit, cp_listing *listing);
void cp_listing_free(cp_listing *listing);

#endif
