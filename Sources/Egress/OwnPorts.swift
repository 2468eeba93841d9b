internal import NIOCore
internal import Synchronization
package import ToolKit

/// Where the daemon itself answers. Nothing that a call asks for is ever sent there, whatever rules say (SECURITY R40).
package final class OwnPorts: Sendable {
    private let ports = Mutex<Set<Int>>([])
    private let machine: @Sendable () -> [IPAddress]

    /// - Parameter machine: The addresses of this machine's interfaces.
    package init(machine: @escaping @Sendable () -> [IPAddress] = OwnPorts.interfaces) { self.machine = machine }

    package func add(_ port: Int) { ports.withLock { _ = $0.insert(port) } }

    package func own(_ address: IPAddress, _ port: Int) -> Bool {
        guard ports.withLock({ $0.contains(port) }) else { return false }
        switch address.kind {
        case .loopback, .unspecified, .mapped: return true
        default: return machine().contains(address)
        }
    }

    package static func interfaces() -> [IPAddress] {
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.compactMap { device in
            switch device.address {
            case .v4(let four):
                withUnsafeBytes(of: four.address) { IPAddress(socketAddress: $0, isSix: false) }
            case .v6(let six): withUnsafeBytes(of: six.address) { IPAddress(socketAddress: $0, isSix: true) }
            default: nil
            }
        }
    }
}
