/// One field that is wrong, and why.
public struct ArgumentProblem: Sendable, Hashable {
    public let field: String
    /// A clause that follows the field's name: `is required`.
    public let reason: String
    /// Whether the value names a place outside the workspace.
    public let leavesWorkspace: Bool

    public init(field: String, reason: String, leavesWorkspace: Bool = false) {
        self.field = field
        self.reason = reason
        self.leavesWorkspace = leavesWorkspace
    }
}

/// Everything that is wrong with the arguments of one call, sorted by field.
public struct ArgumentProblems: Error, Sendable, Hashable {
    /// At most ``limit``; what lies beyond is counted, not listed.
    public let problems: [ArgumentProblem]
    public let omitted: Int

    public static let limit = 20

    /// - Parameter uncounted: How many more there are that nobody described.
    public init(_ problems: [ArgumentProblem], uncounted: Int = 0) {
        let sorted = problems.sorted { ($0.field, $0.reason) < ($1.field, $1.reason) }
        self.problems = Array(sorted.prefix(Self.limit))
        omitted = max(0, problems.count - Self.limit) + uncounted
    }
}

extension ArgumentProblems {
    /// The same, of fields that lie in a field: `args.path`, or the field itself for what is wrong with the whole.
    package func below(_ field: String) -> ArgumentProblems {
        ArgumentProblems(
            problems.map {
                ArgumentProblem(
                    field: $0.field.isEmpty ? field : "\(field).\($0.field)", reason: $0.reason,
                    leavesWorkspace: $0.leavesWorkspace)
            }, uncounted: omitted)
    }
}

extension ArgumentProblems: CustomStringConvertible {
    /// `path is required; "limt" is unknown; did you mean "limit"?`
    public var description: String {
        let clauses = problems.map { problem in
            problem.reason.hasPrefix("\"") ? problem.reason : "\(problem.field) \(problem.reason)"
        }
        return clauses.joined(separator: "; ") + (omitted > 0 ? "; and \(omitted) more" : "")
    }
}
