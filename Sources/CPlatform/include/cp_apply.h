#ifndef CP_APPLY_H
#define CP_APPLY_H

#include <stddef.h>
#include <stdint.h>

// System calls with which effects are put onto a workspace; the rules of cp_files.h hold.

// Where a link in a folder leads, not NUL-terminated; its length. More than `capacity` bytes are -ENAMETOOLONG.
int cp_read_link_in(int folder, const char *name, char *buffer, size_t capacity);
int cp_make_link_in(int folder, const char *name, const char *target);
// Of the name itself, also where it is a link.
int cp_set_owner_in(int folder, const char *name, uint32_t owner, uint32_t group);

// Sets the mode of what a descriptor stands for, also of one that was opened to LOOK only.
int cp_set_mode_at(int descriptor, uint32_t mode);

// Asks the kernel that nobody has the open file open for writing, and that nobody opens it for writing unseen until the
// descriptor is closed: a lease.
//
// 1: nobody has. 0: the kernel cannot say, because the file system knows no leases or the file is another user's.
// -EAGAIN: somebody has it open for writing. Who opens it for writing afterwards waits until the lease is given back;
// the signal that tells us so is one that is ignored.
int cp_forbid_writers(int descriptor);
// Whether a lease that was given still holds: 1, or 0 when somebody asked for it back.
int cp_still_forbids_writers(int descriptor);

// Writes everything of the file system that the descriptor lies in to the disk.
int cp_sync_file_system(int descriptor);

// Sets the file's offset.
int cp_seek(int descriptor, int64_t offset);

#endif
