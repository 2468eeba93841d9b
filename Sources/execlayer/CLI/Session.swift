internal import Foundation
internal import ToolKit

/// What a verb finds around it. Tests bring their own.
struct Session: Sendable {
    let terminal: Terminal
    let environment: [String: String]
    /// Absolute.
    let currentFolder: String
    let openHome: OfflineHomeMaker
    let connect: @Sendable (DaemonTarget) throws -> any DaemonDoor
    let readInput: @Sendable (InputSource) throws -> [UInt8]

    static func live(openHome: @escaping OfflineHomeMaker) -> Session {
        Session(
            terminal: .standard, environment: ProcessInfo.processInfo.environment,
            currentFolder: FileManager.default.currentDirectoryPath, openHome: openHome,
            connect: { try $0.client() }, readInput: { try $0.read() })
    }

    /// A path as it was typed, absolute.
    func path(_ typed: String) -> String { typed.hasPrefix("/") ? typed : currentFolder + "/" + typed }
}

/// A daemon that the command line or the environment names.
struct DaemonTarget: Sendable, Hashable {
    let address: DaemonAddress
    /// Whether somebody named it; the default address is only a guess.
    let isNamed: Bool
    let token: String?
    let timeoutSeconds: Int
    let isInsecure: Bool

    func client() throws(ClientFailure) -> DaemonClient {
        try DaemonClient(address: address, token: token, timeoutSeconds: timeoutSeconds, isInsecure: isInsecure)
    }

    /// The same caller at another address.
    func at(_ address: DaemonAddress) -> DaemonTarget {
        DaemonTarget(
            address: address, isNamed: true, token: token, timeoutSeconds: timeoutSeconds, isInsecure: isInsecure)
    }
}
