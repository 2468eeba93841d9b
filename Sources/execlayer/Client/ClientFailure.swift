/// Why a request has no answer of a daemon.
enum ClientFailure: Error, Sendable, Hashable {
    /// A clause that follows "the address".
    case badAddress(String)
    case unreachable(DaemonAddress)
    case timedOut(DaemonAddress, seconds: Int)
    case answerTooLarge(DaemonAddress, limit: Int)
    /// Something answers, but not as a daemon does; the clause says how.
    case notADaemon(DaemonAddress, String)
    case tokenInTheClear(DaemonAddress)
    /// A token that no header can carry.
    case badToken

    var commandFailure: CommandFailure {
        switch self {
        case .badAddress(let reason):
            CommandFailure(
                .usage, "the address of the daemon (--base or DAENA_BASE_URL) \(reason)",
                remedy: "give it as http://127.0.0.1:8000")
        case .unreachable(let address):
            CommandFailure(
                .unreachable, "no daemon answers at \(address)",
                remedy: "start one with ./run or execlayer serve, or name another with --base")
        case .timedOut(let address, let seconds):
            CommandFailure(
                .unreachable, "\(address) did not answer within \(seconds) s",
                remedy: "give it longer with --timeout; a call that was sent may still have run, and logs shows it")
        case .answerTooLarge(let address, let limit):
            CommandFailure(
                .failed, "the answer of \(address) is larger than \(limit >> 20) MiB",
                remedy: "ask for less: a smaller limit, or a narrower call")
        case .notADaemon(let address, let reason):
            CommandFailure(
                .unreachable, "what answers at \(address) is no Execution Layer daemon: \(reason)",
                remedy: "name the daemon with --base")
        case .tokenInTheClear(let address):
            CommandFailure(
                .usage, "the token would cross the network in the clear to \(address)",
                remedy: "use https, or add --insecure if nobody else can read that network")
        case .badToken:
            CommandFailure(
                .usage, "the token (--token or EXECUTION_TOKEN) is empty or holds characters that no token has",
                remedy: "pass it exactly as it was shown, without quotes or a line feed")
        }
    }
}
