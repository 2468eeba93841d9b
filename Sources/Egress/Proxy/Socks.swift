internal import ToolKit

/// The words of SOCKS 5 (RFC 1928), as far as the proxy understands them: no authentication, the command CONNECT.
enum Socks {
    static let version: UInt8 = 5

    enum Reading<Value: Sendable & Hashable>: Sendable, Hashable {
        /// More bytes are needed.
        case more
        /// What was read, and how many bytes it took.
        case done(Value, Int)
        case refused(ProxyObjection)
    }

    struct Target: Sendable, Hashable {
        let host: WebHost
        let port: Int
    }

    /// Version, number of methods, methods.
    ///
    /// - Returns: Whether a client that needs no authentication speaks.
    static func greeting(_ bytes: ArraySlice<UInt8>) -> Reading<Bool> {
        let bytes = Array(bytes.prefix(257))
        guard bytes.count >= 2 else { return .more }
        guard bytes[0] == version, bytes[1] > 0 else { return .refused(.malformed("is no SOCKS 5")) }
        let length = 2 + Int(bytes[1])
        guard bytes.count >= length else { return .more }
        return .done(bytes[2..<length].contains(0), length)
    }

    /// Version, command, nothing, kind of address, address, port.
    static func request(_ bytes: ArraySlice<UInt8>) -> Reading<Target> {
        let bytes = Array(bytes.prefix(4 + 1 + 255 + 2))
        guard bytes.count >= 5 else { return .more }
        guard bytes[0] == version, bytes[2] == 0 else { return .refused(.malformed("is no SOCKS 5")) }
        let size: Int
        switch bytes[3] {
        case 1: size = 4
        case 3: size = 1 + Int(bytes[4])
        case 4: size = 16
        default: return .refused(.notSupported("has a kind of address that is unknown", socks: 8))
        }
        let length = 4 + size + 2
        guard bytes.count >= length else { return .more }
        guard bytes[1] == 1 else {
            return .refused(.notSupported("wants a listener or datagrams, which nobody gets", socks: 7))
        }
        let port = Int(bytes[length - 2]) << 8 | Int(bytes[length - 1])
        guard port > 0 else { return .refused(.malformed("names the port 0")) }
        if bytes[3] != 3 {
            guard let address = IPAddress(bytes: Array(bytes[4..<4 + size])) else { return .more }
            return .done(Target(host: .address(address), port: port), length)
        }
        do throws(WebURLError) {
            // Not text that could hide anything: letters of other scripts come in their xn-- form here.
            let name = bytes[5..<4 + size]
            guard name.allSatisfy({ 0x21...0x7E ~= $0 }) else {
                throw WebURLError("has characters in its host that no host name has")
            }
            return .done(Target(host: try WebHost(String(decoding: name, as: UTF8.self)), port: port), length)
        } catch {
            return .refused(.host(error))
        }
    }

    /// With an address and a port that say nothing: where the connection comes from is none of the program's business.
    static func reply(_ code: UInt8) -> [UInt8] { [version, code, 0, 1, 0, 0, 0, 0, 0, 0] }
}
