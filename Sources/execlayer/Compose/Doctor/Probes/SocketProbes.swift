#if os(Linux)
    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// Attempts to speak to somebody.
    enum SocketProbes {
        /// A connection, and one byte for whoever listens. For UDP to a port other than the canary's the address alone is
        /// tried: the kernel looks for a way there and sends nothing.
        static func connect(to word: String, _ report: inout ProbeReport) {
            guard let address = LocalAddress(word) else { return report.refused(word, "no address") }
            let socket = address.socket()
            guard socket >= 0 else { return report.refused(word, FileProbes.lastError()) }
            defer { close(socket) }
            guard let result = address.with({ Glibc.connect(socket, $0, $1) }) else {
                return report.refused(word, "no address")
            }
            guard result == 0 else { return report.refused(word, FileProbes.lastError()) }
            if address.kind != .udp || address.place == "127.0.0.1" {
                var byte: UInt8 = 0x21
                // A listener that hangs up at once has been reached all the same.
                _ = send(socket, &byte, 1, Int32(MSG_NOSIGNAL))
            }
            report.reached(word)
        }

        static func openEach(_ report: inout ProbeReport) {
            let families: [(String, Int32, Int32)] = [
                ("netlink", AF_NETLINK, Int32(SOCK_RAW.rawValue)), ("packet", AF_PACKET, Int32(SOCK_RAW.rawValue)),
                ("raw", AF_INET, Int32(SOCK_RAW.rawValue)), ("vsock", 40, Int32(SOCK_STREAM.rawValue)),
            ]
            for (name, family, type) in families {
                let socket = Glibc.socket(family, type | Int32(SOCK_CLOEXEC.rawValue), name == "raw" ? 1 : 0)
                guard socket >= 0 else {
                    report.refused(name, FileProbes.lastError())
                    continue
                }
                close(socket)
                report.reached(name)
            }
        }
    }
#endif
