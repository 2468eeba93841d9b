#ifndef EXECLAYER_CHANNEL_H
#define EXECLAYER_CHANNEL_H

#include "protocol.h"

#include <stdbool.h>
#include <stddef.h>

/// The socket to the daemon: frames in, events out, never blocking.
struct channel {
    int socket;
    bool patient; // wait for a whole frame
    struct frame_header header;
    size_t got; // bytes of header and payload so far
    char *payload;
    int descriptors[DESCRIPTOR_LIMIT];
    int descriptor_count;
    // Events that the socket would not take yet.
    char pending[64 * 1024];
    size_t pending_size;
};

enum received {
    RECEIVED_NOTHING, // for now
    RECEIVED_FRAME,   // in header, payload and descriptors, until `drop_frame`
    RECEIVED_END,     // the daemon is gone, or does not speak this protocol
};

enum received receive_frame(struct channel *channel);
/// Frees the payload and closes the descriptors.
void drop_frame(struct channel *channel);

/// Sends the frame in `channel`, descriptors included, to another socket, waiting as long as it takes.
bool forward_frame(const struct channel *channel, int socket);

/// False when the daemon is gone or has not read for so long that there is no room left.
bool send_event(struct channel *channel, uint16_t kind, uint32_t call, const void *payload, size_t size);
bool flush_events(struct channel *channel);

/// While this is so no new request is read: each may need room for its events.
bool has_backlog(const struct channel *channel);

#endif
