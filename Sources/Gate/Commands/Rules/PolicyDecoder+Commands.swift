internal import ToolKit

/// Rules about programs.
extension PolicyDecoder {
    private static let commandKeys = [
        "name", "run", "global_flags", "flags", "operands", "first_unless", "verdict", "reason", "writes",
        "unix_sockets", "hosts", "examples",
    ]

    mutating func commandRules(_ value: YAMLValue) -> [CommandRule] {
        rules(value, "commands", name: \.name) { $0.commandRule($1, field: $2) }
    }

    /// - Returns: `nil` when something is wrong with it.
    private mutating func commandRule(_ value: YAMLValue, field: String) -> CommandRule? {
        guard case .mapping(let members, let line) = value else {
            problem(value.line, "\(field) must be a rule, not \(value.kindName)")
            return nil
        }
        let before = problems.count
        let parts = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        for member in members where !Self.commandKeys.contains(member.key) {
            unknown(member, among: Self.commandKeys, in: field)
        }
        let name = ruleName(parts["name"], line, "\(field).name")
        let reason = required(parts["reason"], line, "\(field).reason", lengthLimit: 500)
        let verdict = verdict(parts["verdict"], "\(field).verdict")
        if parts["verdict"] == nil { problem(line, "\(field).verdict is required; allow, ask or deny") }
        let run = self.run(parts["run"], line, "\(field).run")
        let flags = self.flags(parts["flags"], "\(field).flags", isOpenByDefault: verdict == .deny)
        let operands = self.operands(parts["operands"], "\(field).operands", isOpenByDefault: verdict == .deny)
        if flags.isOpen, !operands.isOpen {
            problem(line, "\(field).operands must be any where flags is any; a flag's value looks like an operand")
        }
        let rule = CommandRule(
            name: name, programs: run.first ?? [], subcommand: Array(run.dropFirst()),
            globalFlags: listed(parts["global_flags"], "\(field).global_flags"), flags: flags, operands: operands,
            firstUnless: listed(parts["first_unless"], "\(field).first_unless"), verdict: verdict ?? .deny,
            reason: reason, writes: writes(parts["writes"], line, "\(field).writes"),
            unixSockets: flag(parts["unix_sockets"], "\(field).unix_sockets"),
            hosts: hostPatterns(parts["hosts"], line, "\(field).hosts", isRequired: false))
        if !rule.hosts.isEmpty { refuseHosts(rule, parts["hosts"]?.line ?? line, field) }
        refuseLaunchers(rule, line, field)
        let examples = self.examples(parts["examples"], line, "\(field).examples", of: "command")
        guard problems.count == before else { return nil }
        check(examples, rule)
        return rule
    }

    /// No file lets a shell, a wrapper or "whatever python is told" pass.
    private mutating func refuseLaunchers(_ rule: CommandRule, _ line: Int, _ field: String) {
        guard rule.verdict != .deny else { return }
        for program in rule.programs {
            if Launchers.isRefused(program) || Launchers.transparent.contains(program) {
                problem(
                    line,
                    "\(field).run names \"\(program)\", which starts other programs; write a rule for what it starts")
            } else if Launchers.isInterpreter(program) {
                let next = rule.subcommand.first ?? []
                let last = rule.subcommand.last ?? []
                let isInline =
                    next.contains(where: Self.takesText) || rule.globalFlags.contains(where: Self.takesText)
                // Behind a flag, any further flag could be the one that takes a program text.
                let isLoose = rule.flags.isOpen && last.contains(where: ShellSafe.startsWithDash)
                if next.isEmpty || isInline || isLoose {
                    problem(line, "\(field).run must say what \"\(program)\" runs, such as [python3, \"-m\", pytest]")
                }
            }
        }
    }

    /// A list of hosts opens a network, so it must not stand where nothing is opened.
    private mutating func refuseHosts(_ rule: CommandRule, _ line: Int, _ field: String) {
        if rule.verdict == .deny { problem(line, "\(field).hosts opens a network, and the rule denies") }
        if rule.programs.contains("git") {
            problem(line, "\(field).hosts is not for git, whose transports are always switched off")
        }
    }

    /// `-c`, and `-Bc` or `-mx`, where what the letters mean is not decided here.
    private static func takesText(_ flag: String) -> Bool {
        let isCluster = ShellSafe.startsWithDash(flag) && !flag.hasPrefix("--") && flag.utf8.count > 2
        return isCluster || Launchers.textFlags.contains(flag)
    }

    private mutating func check(_ examples: Examples, _ rule: CommandRule) {
        for (expectation, list) in [(true, examples.match), (false, examples.notMatch)] {
            for (text, line) in list {
                let shown = JSONWriter.quoted(text)
                guard let words = try? CommandWords(text).words else {
                    // What cannot even be split matches nothing.
                    if expectation { problem(line, "rule \"\(rule.name)\": the example \(shown) is no command") }
                    continue
                }
                let place = CommandPlace(folder: .root, roots: [])
                let fit = rule.fit(program: words[0], arguments: Array(words.dropFirst()), from: place)
                guard (fit?.isMatch ?? false) != expectation else { continue }
                let outcome = expectation ? "is not matched by it" : "is matched by it"
                let reason = expectation ? ": it \(fit?.objection ?? "starts another program")" : ""
                problem(line, "rule \"\(rule.name)\": the example \(shown) \(outcome)\(reason)")
            }
        }
    }
}
