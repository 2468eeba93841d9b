internal import ToolKit

/// Reads `policy.yaml`, strictly: an unknown key, a wrong type, an over-broad pattern or a failing example is an error
/// that names line and field, and no rule of such a file is in force (SECURITY R13).
struct PolicyDecoder {
    static let ruleLimit = 500
    static let patternLimit = 200
    private static let topKeys = ["version", "paths", "commands", "hosts", "effects", "toolchains"]

    /// What was found so far.
    private(set) var problems: [(line: Int, text: String)] = []

    /// - Throws: ``FileProblem`` naming everything that is wrong, at most 20 things.
    static func decode(_ bytes: [UInt8]) throws(FileProblem) -> PolicyDocument {
        let document = try StrictYAML.read(bytes)
        var decoder = PolicyDecoder()
        let policy = decoder.document(document)
        guard decoder.problems.isEmpty else {
            let sorted = decoder.problems.sorted { ($0.line, $0.text) < ($1.line, $1.text) }
            throw FileProblem(sorted.prefix(20).map { "line \($0.line): \($0.text)" }.joined(separator: "; "))
        }
        return policy
    }

    mutating func problem(_ line: Int, _ text: String) { problems.append((line, text)) }

    private mutating func document(_ value: YAMLValue) -> PolicyDocument {
        guard case .mapping(let members, let line) = value else {
            problem(
                value.line, "the file must hold a mapping with \"version: 1\" and \"paths:\", not \(value.kindName)")
            return PolicyDocument()
        }
        var hasVersion = false
        var policy = PolicyDocument()
        for member in members {
            switch member.key {
            case "version":
                hasVersion = true
                if case .text("1", isQuoted: false, _) = member.value { continue }
                problem(member.line, "version must be 1, the only one that this daemon knows")
            case "paths": policy.paths = pathRules(member.value)
            case "commands": policy.commands = commandRules(member.value)
            case "hosts": policy.hosts = hostRules(member.value)
            case "effects": policy.effects = effectRules(member.value)
            case "toolchains": policy.toolchains = self.toolchains(member.value)
            default: unknown(member, among: Self.topKeys)
            }
        }
        if !hasVersion { problem(line, "version is required; write \"version: 1\"") }
        return policy
    }
}

/// What a policy file says, before the machine was asked.
struct PolicyDocument: Sendable {
    /// `nil` when the file does not speak of places; an empty list leaves only the built-in rules.
    var paths: [PathRule]?
    /// `nil` when the file does not speak of commands; an empty list lets none pass.
    var commands: [CommandRule]?
    /// None lets no host be reached.
    var hosts: [EgressRule] = []
    var effects: [EffectRule] = []
    var toolchains: [Toolchain] = []
}
