internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Why the server could not start to listen, in words for the person who started it.
package struct BindFailure: Error, Sendable, Hashable {
    package let message: String
    package let remedy: String

    init(_ error: any Error, address: BindAddress) {
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            message =
                "port \(address.port) on \(address.host) is taken, perhaps by another execlayer or a development server"
            remedy = "stop that program, or choose another port with --port"
        case EACCES, EPERM:
            message = "port \(address.port) may not be opened by this user"
            remedy = "choose a port above 1023 with --port"
        case EADDRNOTAVAIL:
            message = "this machine has no address \(address.host)"
            remedy = "choose an address of this machine with --host, such as 127.0.0.1"
        case EAFNOSUPPORT:
            message = "this machine does not speak the kind of address that \(address.host) is"
            remedy = "use --host 127.0.0.1"
        default:
            message = "the address \(address.text) cannot be opened"
            remedy = "choose another one with --host and --port"
        }
    }
}

extension BindFailure: CustomStringConvertible {
    package var description: String { "\(message); \(remedy)" }
}
