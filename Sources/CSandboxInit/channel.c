#if defined(__linux__)
#define _GNU_SOURCE
#include "channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/// Takes the descriptors of a message. False when there are more than any frame may have.
static bool keep_descriptors(struct channel *channel, struct msghdr *message) {
    bool fits = !(message->msg_flags & MSG_CTRUNC);
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t index = 0; index < count; index++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(part) + index * sizeof(int), sizeof descriptor);
            if (channel->descriptor_count < DESCRIPTOR_LIMIT) {
                channel->descriptors[channel->descriptor_count++] = descriptor;
            } else {
                close(descriptor);
                fits = false;
            }
        }
    }
    return fits;
}

/// Returns what recvmsg does, with 0 for the end and -1 for nothing yet or an error in errno.
static ssize_t receive(struct channel *channel, void *into, size_t size) {
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(DESCRIPTOR_LIMIT * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = into, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got;
    do got = recvmsg(channel->socket, &message, (channel->patient ? 0 : MSG_DONTWAIT) | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got > 0 && !keep_descriptors(channel, &message)) {
        errno = EPROTO;
        return -1;
    }
    return got;
}

enum received receive_frame(struct channel *channel) {
    const size_t header_size = sizeof channel->header;
    for (;;) {
        ssize_t got;
        if (channel->got < header_size) {
            got = receive(channel, (char *)&channel->header + channel->got, header_size - channel->got);
        } else {
            size_t have = channel->got - header_size;
            if (have == channel->header.size) break;
            got = receive(channel, channel->payload + have, channel->header.size - have);
        }
        if (got < 0 && errno == EAGAIN) return RECEIVED_NOTHING;
        if (got <= 0) return RECEIVED_END;
        channel->got += (size_t)got;
        if (channel->got != header_size) continue;
        if (channel->header.version != PROTOCOL_VERSION || channel->header.size > FRAME_LIMIT) return RECEIVED_END;
        // One more, so that an empty payload has an address too.
        channel->payload = malloc((size_t)channel->header.size + 1);
        if (channel->payload == NULL) return RECEIVED_END;
    }
    // Descriptors that belong to the next frame cannot be here: a read never crosses the message they came with.
    return channel->descriptor_count == (int)channel->header.descriptors ? RECEIVED_FRAME : RECEIVED_END;
}

void drop_frame(struct channel *channel) {
    free(channel->payload);
    channel->payload = NULL;
    for (int index = 0; index < channel->descriptor_count; index++) close(channel->descriptors[index]);
    channel->descriptor_count = 0;
    channel->got = 0;
}

bool forward_frame(const struct channel *channel, int socket) {
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(DESCRIPTOR_LIMIT * sizeof(int))];
    } control;
    const size_t whole = sizeof channel->header + channel->header.size;
    struct iovec parts[] = {{.iov_base = (void *)(uintptr_t)&channel->header, .iov_len = sizeof channel->header},
                            {.iov_base = channel->payload, .iov_len = channel->header.size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    const size_t descriptors = (size_t)channel->descriptor_count * sizeof(int);
    if (descriptors > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(descriptors);
        struct cmsghdr *part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(descriptors);
        memcpy(CMSG_DATA(part), channel->descriptors, descriptors);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    // Blocking, so that it sends everything unless the other side is gone.
    return sent == (ssize_t)whole;
}

bool flush_events(struct channel *channel) {
    while (channel->pending_size > 0) {
        ssize_t sent = send(channel->socket, channel->pending, channel->pending_size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return errno == EAGAIN;
        channel->pending_size -= (size_t)sent;
        memmove(channel->pending, channel->pending + sent, channel->pending_size);
    }
    return true;
}

bool send_event(struct channel *channel, uint16_t kind, uint32_t call, const void *payload, size_t size) {
    struct frame_header header = {
        .size = (uint32_t)size, .version = PROTOCOL_VERSION, .kind = kind, .call = call, .descriptors = 0};
    if (channel->pending_size + sizeof header + size > sizeof channel->pending) return false;
    memcpy(channel->pending + channel->pending_size, &header, sizeof header);
    memcpy(channel->pending + channel->pending_size + sizeof header, payload, size);
    channel->pending_size += sizeof header + size;
    return flush_events(channel);
}

bool has_backlog(const struct channel *channel) {
    return channel->pending_size > sizeof channel->pending / 2;
}
#endif
