#if os(Linux)
    internal import Foundation

    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// Listeners of doctor's own, for attempts to reach something of the host's: whether they were reached is what counts,
    /// not what the attempt says.
    final class HostCanaries: Sendable {
        private struct Listener: Sendable {
            let address: LocalAddress
            let socket: Int32
        }

        private let listeners: [Listener]

        /// - Parameters:
        ///   - folder: Where a unix socket is made that the host alone can see.
        ///   - workspace: Where one is made that lies in what calls see.
        /// - Throws: ``Undecided`` when one cannot be made.
        init(folder: String, workspace: String) throws {
            let name = "execlayer-doctor-\(UUID().uuidString)"
            let wanted = [
                LocalAddress(.tcp, "127.0.0.1"), LocalAddress(.udp, "127.0.0.1"),
                LocalAddress(.unix, folder + "/canary"), LocalAddress(.unix, workspace + "/canary"),
                LocalAddress(.abstract, name),
            ]
            var made: [Listener] = []
            // Below a long folder for temporary files a path may be too long for a socket.
            for address in wanted where address.with({ _, _ in true }) == true {
                let socket = address.socket()
                let isBound =
                    socket >= 0 && address.with { bind(socket, $0, $1) } == 0
                    && (address.kind == .udp || listen(socket, 16) == 0)
                    && fcntl(socket, F_SETFL, O_NONBLOCK) == 0
                guard isBound else {
                    if socket >= 0 { close(socket) }
                    for listener in made { close(listener.socket) }
                    throw Undecided("nothing can listen on \(address.word)")
                }
                if address.kind == .unix { chmod(address.place, 0o777) }
                made.append(Listener(address: Self.bound(address, socket), socket: socket))
            }
            listeners = made
        }

        deinit { for listener in listeners { close(listener.socket) } }

        var kinds: String {
            let kinds = Set(listeners.map(\.address.kind.rawValue)).sorted()
            return kinds.joined(separator: ", ")
        }

        var words: [String] { listeners.map(\.address.word) }

        /// The addresses that somebody reached since the last time.
        func takeVisitors() -> Set<String> {
            var visited: Set<String> = []
            for listener in listeners {
                while true {
                    if listener.address.kind == .udp {
                        var byte: UInt8 = 0
                        guard recv(listener.socket, &byte, 1, Int32(MSG_DONTWAIT)) >= 0 else { break }
                    } else {
                        let visitor = accept(listener.socket, nil, nil)
                        guard visitor >= 0 else { break }
                        close(visitor)
                    }
                    visited.insert(listener.address.word)
                }
            }
            return visited
        }

        /// With the port that the kernel chose.
        private static func bound(_ address: LocalAddress, _ socket: Int32) -> LocalAddress {
            guard address.kind == .tcp || address.kind == .udp else { return address }
            var name = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            _ = withUnsafeMutablePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
            }
            return LocalAddress(address.kind, address.place, port: UInt16(bigEndian: name.sin_port))
        }
    }
#endif
