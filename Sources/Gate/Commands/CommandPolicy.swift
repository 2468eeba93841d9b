package import ToolKit

/// The operator's rules about programs, with the programs of this machine: ready to be asked. Verdicts are ordered
/// allow < ask < deny, the strictest rule that matches wins, and no match is a deny.
package struct CommandPolicy: Sendable {
    package let rules: [CommandRule]
    package let programs: ProgramTable
    /// Absolute spellings of the workspace root that callers may use.
    private let roots: [String]
    private let index: [String: [Int]]

    /// How many wrappers may stand one in another.
    static let nestingLimit = 8

    package init(rules: [CommandRule], programs: ProgramTable, roots: [String] = []) {
        self.rules = rules
        self.programs = programs
        self.roots = roots
        var index: [String: [Int]] = [:]
        for (place, rule) in rules.enumerated() {
            for program in rule.programs { index[program, default: []].append(place) }
        }
        self.index = index
    }

    /// Nothing passes.
    package static let empty = CommandPolicy(
        rules: [], programs: ProgramTable(names: [], toolchains: [], search: .none))

    /// Judges without starting or looking up anything.
    package func judge(_ command: Command) -> CommandJudgement {
        if command.view == .script {
            let script = [CommandMatch(rule: ScriptRules.rule, program: ScriptRules.program, paths: [])]
            return conclude(
                command, [], ScriptRules.program, Array(command.words.words.dropFirst()), (script, []), script)
        }
        var words = command.words.words[...]
        var wrapping: [String] = []
        var matches: [CommandMatch] = []
        for depth in 0...Self.nestingLimit {
            guard let first = words.first, let name = programs.name(of: first) else {
                return .refused(
                    command, matches,
                    CommandObjection(
                        rule: nil, reason: "names its program by a path that no rule pins",
                        remedy: "write the program's name alone, such as git"))
            }
            let named = [name] + words.dropFirst()
            let opinions = self.opinions(name, named.dropFirst(), command)
            switch Launchers.read(named[...]) {
            case .refused(let reason, let remedy):
                return .refused(command, matches, CommandObjection(rule: nil, reason: reason, remedy: remedy))
            case .plain:
                matches += opinions.matches
                return conclude(command, wrapping, name, Array(words.dropFirst()), opinions, matches)
            case .wraps(from: let start):
                // A wrapper needs no rule of its own, and one that denies it or asks counts.
                matches += opinions.matches.filter { $0.rule.verdict != .allow }
                guard case .found(let program) = programs.finding(name) else {
                    return .refused(command, matches, missing(name))
                }
                guard depth < Self.nestingLimit else { break }
                wrapping += [program.executable] + named[1..<start]
                words = words.dropFirst(start)
            }
        }
        return .refused(
            command, matches,
            CommandObjection(
                rule: nil, reason: "wraps programs more than \(Self.nestingLimit) deep",
                remedy: "send the program itself"))
    }

    private typealias Opinions = (matches: [CommandMatch], objections: [CommandObjection])

    private func opinions(_ name: String, _ arguments: ArraySlice<String>, _ command: Command) -> Opinions {
        let place = CommandPlace(folder: command.folder, roots: roots)
        var opinions: Opinions = ([], [])
        var depths: [Int] = []
        // Only a tool can ask for that view; the words alone, from shell_exec, meet no such rule.
        let own = command.view == .committing ? CommitRules.rules : []
        for rule in own + (index[name] ?? []).map({ rules[$0] }) {
            guard let fit = rule.fit(program: name, arguments: Array(arguments), from: place) else { continue }
            if let reason = fit.objection {
                opinions.objections.append(
                    CommandObjection(rule: rule.name, reason: reason, remedy: fit.remedy ?? CommandRule.otherForm))
                depths.append(rule.verdict == .deny ? 0 : fit.depth)
            } else {
                opinions.matches.append(CommandMatch(rule: rule, program: name, paths: fit.paths))
            }
        }
        // The rule that went along furthest explains best.
        opinions.objections = zip(depths, opinions.objections).enumerated()
            .sorted { ($1.element.0, $0.offset) < ($0.element.0, $1.offset) }.map(\.element.1)
        return opinions
    }

    private func conclude(
        _ command: Command, _ wrapping: [String], _ name: String, _ arguments: [String], _ opinions: Opinions,
        _ matches: [CommandMatch]
    ) -> CommandJudgement {
        guard !opinions.matches.isEmpty else {
            let unknown = CommandObjection(
                rule: nil, reason: "starts a program that no rule speaks of",
                remedy: "use a program that a rule lists, or have an operator add a rule to policy.yaml")
            let objections = opinions.objections.isEmpty ? [unknown] : opinions.objections
            return CommandJudgement(command: command, matches: matches, objections: objections, pinned: nil)
        }
        guard case .found(let program) = programs.finding(name) else {
            return .refused(command, matches, missing(name))
        }
        let allowing = opinions.matches.filter { $0.rule.verdict != .deny }
        let pinned = PinnedCommand(
            command: command, wrapping: wrapping, program: name, executable: program.executable, arguments: arguments,
            toolchains: programs.toolchains.map(\.folder), environment: environment(for: command),
            searchPath: programs.searchPath, writes: writes(command, allowing.map(\.rule)),
            unixSockets: allowing.contains(where: \.rule.unixSockets), hosts: hosts(command, allowing.map(\.rule)),
            rules: allowing.map(\.rule.name))
        return CommandJudgement(command: command, matches: matches, objections: [], pinned: pinned)
    }

    private func missing(_ name: String) -> CommandObjection {
        switch programs.finding(name) {
        case .untrusted(let reason):
            CommandObjection(
                rule: nil, reason: "starts a program that \(reason)",
                remedy: "give the program and its folders to root, or list its folder under toolchains in policy.yaml",
                isMissing: true)
        case .missing, .found:
            CommandObjection(
                rule: nil, reason: "starts a program that is not installed where the daemon looks",
                remedy: "install it, or list its folder under toolchains in policy.yaml; the policy is read again then",
                isMissing: true)
        }
    }

    /// What the tool says is stronger than what a toolchain says.
    private func environment(for command: Command) -> [String: String] {
        programs.toolchains.reduce(into: [:]) { $0.merge($1.environment) { first, _ in first } }
            .merging(command.environment) { _, own in own }
    }

    /// What runs over a layer only to tell what it would do has no network: what it sent could not be taken back.
    private func hosts(_ command: Command, _ rules: [CommandRule]) -> [HostPattern] {
        guard !command.isLayered else { return [] }
        var seen: Set<HostPattern> = []
        return rules.flatMap(\.hosts).filter { seen.insert($0).inserted }
    }

    private func writes(_ command: Command, _ rules: [CommandRule]) -> [WorkspacePath] {
        switch command.view {
        case .hidden, .readOnly, .committing: return []
        case .layered, .script: return [.root]
        case .writable(let paths): return paths
        case .asRuled:
            var seen: Set<WorkspacePath> = []
            return rules.flatMap { $0.writes(from: command.folder) }.filter { seen.insert($0).inserted }
        }
    }
}
