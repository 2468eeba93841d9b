internal import NIOPosix
package import ToolKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Turns a name into addresses. Asked once for each host of a fetch (SECURITY R39).
package protocol Resolver: Sendable {
    /// - Returns: In the order in which they are to be tried; empty when there is no such name.
    func addresses(of name: String) async throws -> [IPAddress]
}

/// The system's own: name servers, `/etc/hosts` and whatever else it is set up to ask.
package struct SystemResolver: Resolver {
    /// The system's call blocks, and nobody can end it: it gets threads of its own, and whoever waits may give up.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    package init() {}

    package func addresses(of name: String) async throws -> [IPAddress] {
        try await Self.threads.runIfActive { Self.ask(name) }
    }

    private static func ask(_ name: String) -> [IPAddress] {
        var hints = addrinfo()
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = Int32(SOCK_STREAM)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next {
            if let address = Self.address(entry.pointee), !found.contains(address) { found.append(address) }
            next = entry.pointee.ai_next
        }
        return found
    }

    private static func address(_ entry: addrinfo) -> IPAddress? {
        guard let address = entry.ai_addr else { return nil }
        let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
        switch entry.ai_family {
        case AF_INET: return IPAddress(socketAddress: bytes, isSix: false)
        case AF_INET6: return IPAddress(socketAddress: bytes, isSix: true)
        default: return nil
        }
    }
}

extension IPAddress {
    /// - Parameter bytes: `sockaddr_in` or `sockaddr_in6`, in which every system has the address at the same place.
    init?(socketAddress bytes: UnsafeRawBufferPointer, isSix: Bool) {
        let place = isSix ? 8..<24 : 4..<8
        guard bytes.count >= place.upperBound else { return nil }
        self.init(bytes: Array(bytes[place]))
    }
}
