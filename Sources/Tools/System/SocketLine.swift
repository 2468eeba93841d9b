internal import ToolKit

/// One line of `/proc/net/tcp` and its kin: `0: 0100007F:1F90 00000000:0000 0A …`.
struct SocketLine {
    let isIPv6: Bool
    let transport: String
    let status: String
    let local: String
    /// Empty when nobody is at the other end.
    let remote: String

    init?(_ line: Substring, table: String) {
        let fields = line.split(separator: " ", maxSplits: 4)
        guard fields.count >= 4, let local = Self.address(fields[1]), let remote = Self.address(fields[2]),
            let state = Int(fields[3], radix: 16)
        else { return nil }
        isIPv6 = table.hasSuffix("6")
        transport = String(table.prefix(3))
        // UDP borrows the numbers of TCP for two states; only "connected" means something there.
        status = transport == "udp" ? (state == 1 ? "ESTABLISHED" : "NONE") : Self.states[state] ?? "UNKNOWN"
        self.local = local.text
        self.remote = remote.port == 0 ? "" : remote.text
    }

    var json: JSONValue {
        [
            "family": isIPv6 ? "AF_INET6" : "AF_INET", "type": .string(transport), "status": .string(status),
            "laddr": .string(local), "raddr": .string(remote),
        ]
    }

    private static let states = [
        1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RECV", 4: "FIN_WAIT1", 5: "FIN_WAIT2", 6: "TIME_WAIT", 7: "CLOSE",
        8: "CLOSE_WAIT", 9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING", 12: "SYN_RECV",
    ]

    private static func address(_ field: Substring) -> (text: String, port: Int)? {
        let parts = field.split(separator: ":")
        guard parts.count == 2, let port = Int(parts[1], radix: 16), let bytes = bytes(parts[0]) else { return nil }
        switch bytes.count {
        case 4: return (bytes.map { String($0) }.joined(separator: ".") + ":\(port)", port)
        case 16: return ("[\(IPv6Text.of(bytes))]:\(port)", port)
        default: return nil
        }
    }

    /// The kernel prints each word of 32 bits in the order of this machine; the address is its bytes in memory.
    private static func bytes(_ hex: Substring) -> [UInt8]? {
        guard hex.utf8.count.isMultiple(of: 8) else { return nil }
        var bytes: [UInt8] = []
        var rest = hex
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) }
            rest = rest.dropFirst(8)
        }
        return bytes
    }
}

/// The one spelling of an IPv6 address (RFC 5952): lower case, the longest run of zeros left out.
enum IPv6Text {
    /// - Parameter bytes: 16 in network order.
    static func of(_ bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        if groups.prefix(5).allSatisfy({ $0 == 0 }), groups[5] == 0xFFFF {
            return "::ffff:" + bytes.suffix(4).map { String($0) }.joined(separator: ".")
        }
        let gap = longestZeros(groups)
        let text = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard gap.count > 1 else { return text(groups[...]) }
        return text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }

    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        return best
    }
}
