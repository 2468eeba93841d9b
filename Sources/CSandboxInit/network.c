// A network of the call's own, with one way out of it: a listener that the daemon accepts on from outside.
#if defined(__linux__)
#define _GNU_SOURCE
#include "confinement.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/// A new namespace has its `lo` down.
static int raise_loopback(void) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strcpy(request.ifr_name, "lo");
    int asking = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (asking < 0) return errno;
    int error = ioctl(asking, SIOCGIFFLAGS, &request) == 0 ? 0 : errno;
    request.ifr_flags |= IFF_UP;
    if (error == 0 && ioctl(asking, SIOCSIFFLAGS, &request) != 0) error = errno;
    close(asking);
    return error;
}

int make_network(int *listener) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(GUARD_PORT), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (unshare(CLONE_NEWNET) != 0) return errno;
    int error = raise_loopback();
    if (error != 0) return error;
    *listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*listener < 0) return errno;
    if (bind(*listener, (struct sockaddr *)&address, sizeof address) != 0) return errno;
    // Who connects before the daemon accepts waits here.
    return listen(*listener, GUARD_BACKLOG) == 0 ? 0 : errno;
}
#endif
