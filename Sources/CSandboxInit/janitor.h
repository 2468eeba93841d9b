#ifndef EXECLAYER_JANITOR_H
#define EXECLAYER_JANITOR_H

/// Starts the janitor: a process that closes what it is given. The end of a mount namespace waits for every processor,
/// most of a millisecond; a call's end is told before, and somebody else waits. Returns the socket to it, or -1.
int start_janitor(void);

/// Closes `descriptor`, by the janitor when it is free for it.
void close_later(int janitor, int descriptor);

#endif
