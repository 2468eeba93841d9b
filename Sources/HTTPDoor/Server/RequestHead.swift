/// What the guard needs to know of a request before it lets a byte of it pass.
///
/// Ranges count from the start of the bytes that were read, so that nothing is copied.
struct RequestHead {
    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
    }

    /// Where the whole head lies, empty line included.
    var bytes = 0..<0
    var method = 0..<0
    var target = 0..<0
    var isHTTP10 = false
    var isHead = false
    /// A method that may change something (RFC 9110 9.2.1: not a safe one).
    var isWrite = false
    var framing = Framing.none
    var host: Range<Int>?
    var origin: Range<Int>?
    var fetchSite: Range<Int>?
    var contentType: Range<Int>?
    var expectsContinue = false
    /// The connection ends with this exchange: HTTP/1.0, `Connection: close`, or an upgrade that is not followed.
    var closes = false

    // Seen once already; a second one would let two readers choose differently.
    var hasLength = false
    var hasTransferEncoding = false
    var hasAuthorization = false
    var hasToken = false
}
