/// What one peer, and all peers together, may cost the server before anybody has shown a token (SECURITY R43).
package struct ServerLimits: Sendable {
    /// Bytes of the request line without its line end; more is 414.
    package var requestLineBytes = 16 * 1_024
    /// Bytes of all header lines together; more is 431.
    package var headerBytes = 64 * 1_024
    /// Header lines of one request; more is 431.
    package var headerFields = 100
    /// Bytes of a request's body, whichever way it is framed; more is 413.
    package var bodyBytes = 4 * 1_024 * 1_024
    /// From the first byte of a head (from the accept for a connection's first) to its end; later is 408.
    package var headerDeadline: Duration = .seconds(10)
    /// From the end of the head to the last byte of the body; later is 408.
    package var bodyDeadline: Duration = .seconds(30)
    /// How long a connection may rest between two requests.
    package var idleDeadline: Duration = .seconds(60)
    /// How long the peer may take none of the bytes that wait for it.
    package var writeDeadline: Duration = .seconds(30)
    /// How long a connection whose last answer has been sent still listens, so that the answer is not lost in a reset.
    package var lingerDeadline: Duration = .seconds(2)
    /// How long running requests may go on after the server was asked to stop.
    package var shutdownGrace: Duration = .seconds(10)
    /// Open connections; one more gets 503 and is closed.
    package var connections = 1_024
    /// Requests being answered at the same time; one more gets 503, cheap routes excepted.
    package var answersInFlight = 512
    /// Bytes of further requests that are kept while one is being answered; the socket is not read beyond that.
    package var pipelinedBytes = 64 * 1_024

    package init() {}
}
