internal import Gate
internal import ToolKit

/// Where a home and its workspace are, both absolute.
struct HomeLocation: Sendable, Hashable {
    let home: String
    let workspace: String
    /// Hosts that calls may reach beside those of the home's policy.
    var allowedDomains = AllowedDomains.none
}

/// What the command line does with a home folder when no daemon answers. The composition implements it over the same
/// engine that the daemon runs: there is no second path to a tool.
///
/// Opening one takes no lock and writes nothing. Methods that change something take the home's lock for their duration
/// and throw ``HomeInUse`` when somebody holds it. All may throw ``HomeProblem``, `Refusal` or `ToolFailure`, whose
/// words reach the terminal; other errors are shown by their type only.
protocol OfflineHome: Sendable {
    /// The answer of `GET /tools`.
    func toolList() async throws -> JSONValue
    /// - Parameter call: A `Call` of the contract; the principal is `local`.
    /// - Returns: A `Result` of the contract, refusals of the gate included.
    func run(call: JSONValue) async throws -> JSONValue

    /// - Parameter request: `{role, name, tools?, expires?}` as in `POST /tokens`, whose answer this returns.
    func createToken(_ request: JSONValue) async throws -> JSONValue
    /// The answer of `GET /tokens`.
    func listTokens() async throws -> JSONValue
    /// The answer of `DELETE /tokens/{id}`.
    func revokeToken(_ id: String) async throws -> JSONValue

    /// Reads every line of the audit; never needs the lock, so that it works beside a running daemon.
    func verifyAudit(progress: @escaping @Sendable (OfflineProgress) -> Void) async throws -> OfflineReport
    /// An operator takes note of lines that a start found missing; `verify` is content again.
    func acknowledgeLosses() async throws -> OfflineReport
    func reindexAudit(progress: @escaping @Sendable (OfflineProgress) -> Void) async throws -> OfflineReport
    /// The answer of `GET /audit/{audit_id}`. Needs no lock either.
    func auditEntry(_ id: String) async throws -> JSONValue

    /// Makes other honeytokens for the next start.
    func rotateHoneytokens() async throws -> OfflineReport

    /// Judges without touching anything. A good report is one that policy allows.
    func explainPolicy(_ question: PolicyQuestion) async throws -> OfflineReport
    /// Looks at the workspace and the machine, and writes only when told to and only where no policy is.
    func proposePolicy(_ places: ProgramPlaces, writing: Bool) async throws -> PolicyProposal
    /// What can be told from the home, the workspace and this machine.
    func doctorFindings() async throws -> [DoctorFinding]

    /// Ends what the methods above started. Nothing is called afterwards.
    func close() async
}

typealias OfflineHomeMaker = @Sendable (HomeLocation) async throws -> any OfflineHome

/// How far long work has come.
struct OfflineProgress: Sendable, Hashable {
    let done: Int
    /// `nil` while nobody knows.
    let total: Int?
    /// What is counted, in the plural: `lines`.
    let unit: String

    var sentence: String {
        guard let total, total > 0 else { return "\(done) \(unit)" }
        return "\(done) of \(total) \(unit) (\(min(100, done * 100 / total)) %)"
    }
}

/// An answer in both forms: lines for people, JSON for scripts.
struct OfflineReport: Sendable, Hashable {
    let isGood: Bool
    let lines: [String]
    let json: JSONValue
}

/// What `policy check` asks.
enum PolicyQuestion: Sendable, Hashable {
    enum Use: String, Sendable { case read, write, search }

    /// Relative to the workspace, or absolute inside it; not yet checked.
    case path(String, Use)
    /// Everything that this call would touch.
    case call(tool: String, arguments: [String: JSONValue])
    /// A request to this URL.
    case url(String)
    /// These words, as a command.
    case command([String])
    /// Putting this effect, which was previewed, onto the workspace.
    case effect(String)
    /// The rules themselves.
    case summary
}

/// Another process holds the home.
struct HomeInUse: Error, Sendable, Hashable {
    /// Who, as the lock file says: `pid 4711`.
    let holder: String
    /// Where it answers, when the lock file says so and it is a daemon: `http://127.0.0.1:8000`.
    let base: String?

    var message: String { "this home is in use by \(holder)" }
    var remedy: String {
        guard let base else { return "wait until it ends, or stop it" }
        return "add --base \(base) to speak to it, or stop it"
    }
}

/// A home or workspace that cannot be used as it is.
struct HomeProblem: Error, Sendable, Hashable {
    let message: String
    let remedy: String
}
