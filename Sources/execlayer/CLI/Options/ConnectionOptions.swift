internal import ArgumentParser

/// How a verb finds the daemon: a flag beats the environment, the environment beats the default.
struct ConnectionOptions: ParsableArguments {
    @Option(help: "Where the daemon answers (DAENA_BASE_URL; http://127.0.0.1:8000).")
    var base: String?

    @Option(help: "The token to present (EXECUTION_TOKEN). Others can see flags in the process list.")
    var token: String?

    @Option(help: "How long to wait for an answer, in seconds.")
    var timeout: Int?

    @Flag(help: "Let the token cross a network in the clear.")
    var insecure = false

    func validate() throws {
        if let timeout, !(1...86_400 ~= timeout) {
            throw ValidationError("--timeout must be from 1 to 86400 seconds")
        }
    }

    /// - Parameter patience: Seconds to wait when the command line does not say.
    func target(in session: Session, patience: Int = 60) throws(ClientFailure) -> DaemonTarget {
        let named = base ?? session.environment["DAENA_BASE_URL"].flatMap { $0.isEmpty ? nil : $0 }
        return DaemonTarget(
            address: try named.map { text throws(ClientFailure) in try DaemonAddress(text) } ?? .standard,
            isNamed: named != nil,
            token: token ?? session.environment["EXECUTION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 },
            timeoutSeconds: timeout ?? patience, isInsecure: insecure)
    }

    /// - Throws: ``ClientFailure``, ``CommandFailure``.
    func door(in session: Session, patience: Int = 60) throws -> any DaemonDoor {
        try session.connect(target(in: session, patience: patience))
    }
}
