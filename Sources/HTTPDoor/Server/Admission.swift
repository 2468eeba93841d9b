/// The questions that a head alone answers, asked before the parser or any handler sees the request, in this order:
/// is it meant for us (R48), does it come from our own pages (R49), may its body be that large (R43), is it JSON.
struct Admission {
    let hosts: HostRule
    let bodyLimit: Int

    /// - Parameter known: The host that this connection asked for last and that was found good.
    func refusal(
        of head: RequestHead, in bytes: UnsafeRawBufferPointer, known: inout [UInt8]
    ) -> HTTPRefusal? {
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        guard let hostRange = head.host else { return .malformed("the Host header is missing") }
        if !bytes[hostRange].elementsEqual(known) {
            guard hosts.admits(text(hostRange)) else { return .foreignHost }
            known = Array(bytes[hostRange])
        }
        if let site = head.fetchSite {
            guard ASCII.equal(bytes, site, "same-origin") || ASCII.equal(bytes, site, "none") else {
                return .foreignOrigin
            }
        }
        if let origin = head.origin {
            guard hosts.isSameOrigin(text(origin), host: text(hostRange)) else { return .foreignOrigin }
        }
        switch head.framing {
        case .none, .length(0): return nil
        case .length(let length) where length > bodyLimit: return .bodyTooLarge(limit: bodyLimit)
        case .length, .chunked: break
        }
        if head.isWrite {
            guard let type = head.contentType, Self.isJSON(bytes, type) else { return .unsupportedMediaType }
        }
        return nil
    }

    /// `application/json`, alone or with the one charset that JSON has.
    private static func isJSON(_ bytes: UnsafeRawBufferPointer, _ type: Range<Int>) -> Bool {
        var end = type.lowerBound
        while end < type.upperBound, bytes[end] != UInt8(ascii: ";") { end += 1 }
        var media = type.lowerBound..<end
        while let last = media.last, ASCII.isSpace(bytes[last]) { media.removeLast() }
        guard ASCII.equal(bytes, media, "application/json") else { return false }
        guard end < type.upperBound else { return true }
        var parameter = end + 1..<type.upperBound
        while let first = parameter.first, ASCII.isSpace(bytes[first]) { parameter.removeFirst() }
        return parameter.isEmpty || ASCII.equal(bytes, parameter, "charset=utf-8")
            || ASCII.equal(bytes, parameter, "charset=\"utf-8\"")
    }
}
