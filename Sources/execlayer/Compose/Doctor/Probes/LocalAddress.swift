#if os(Linux)
    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// An address of this machine as a word: `tcp:127.0.0.1:80`, `udp:127.0.0.1:53`, `unix:/run/x`, `abstract:x`.
    struct LocalAddress: Sendable, Hashable {
        enum Kind: String, Sendable {
            case tcp, udp, unix, abstract
        }

        let kind: Kind
        let place: String
        let port: UInt16

        init(_ kind: Kind, _ place: String, port: UInt16 = 0) {
            self.kind = kind
            self.place = place
            self.port = port
        }

        init?(_ word: String) {
            guard let colon = word.firstIndex(of: ":"), let kind = Kind(rawValue: String(word[..<colon])) else {
                return nil
            }
            let rest = word[word.index(after: colon)...]
            switch kind {
            case .unix, .abstract: self.init(kind, String(rest))
            case .tcp, .udp:
                guard let last = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: last)...]) else {
                    return nil
                }
                self.init(kind, String(rest[..<last]), port: port)
            }
        }

        var word: String {
            switch kind {
            case .tcp, .udp: "\(kind.rawValue):\(place):\(port)"
            case .unix, .abstract: "\(kind.rawValue):\(place)"
            }
        }

        /// A new socket for it; negative on failure.
        func socket() -> Int32 {
            let isLocal = kind == .unix || kind == .abstract
            let type = kind == .udp ? SOCK_DGRAM : SOCK_STREAM
            return Glibc.socket(isLocal ? AF_UNIX : AF_INET, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        }

        /// - Returns: `nil` for what is no address: too long a path, another form than four numbers.
        func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result? {
            kind == .unix || kind == .abstract ? withLocal(body) : withInternet(body)
        }

        private func withLocal<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result? {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = kind == .abstract ? [0] + Array(place.utf8) : Array(place.utf8) + [0]
            guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else { return nil }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
            }
        }

        private func withInternet<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result? {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            guard inet_pton(AF_INET, place, &address.sin_addr) == 1 else { return nil }
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }
#endif
