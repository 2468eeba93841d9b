internal import Crypto
package import ToolKit

/// The operator's rules, ready to be asked. Verdicts are ordered allow < ask < deny and the strictest match wins; a place
/// in the workspace that no rule speaks of is allowed.
///
/// A class, because every call asks for the one in force: handing on a reference costs one count, a copy of all its parts
/// would cost twenty.
package final class Policy: Sendable {
    package let rules: [PathRule]
    /// The rules about programs; there, what no rule speaks of is denied.
    package let commands: CommandPolicy
    /// The rules about hosts; there as well.
    package let hosts: EgressPolicy
    /// The rules about effects.
    package let effects: EffectPolicy
    /// SHA-256 of the text that is in force, 64 hexadecimal digits. An approval is bound to it (SECURITY R54).
    package let version: String
    /// What it was read from.
    package let text: [UInt8]

    private let builtIn: BuiltInRules
    private let index: PatternIndex
    /// Of each indexed pattern the place of its rule.
    private let owners: [Int]

    init(
        rules: [PathRule], commands: CommandPolicy, hosts: EgressPolicy = EgressPolicy(),
        effects: EffectPolicy = EffectPolicy(), text: [UInt8], masked: [WorkspacePath], toolchains: [WorkspacePath]
    ) {
        self.rules = rules
        self.commands = commands
        self.hosts = hosts
        self.effects = effects
        self.text = text
        version = Self.version(of: text)
        builtIn = BuiltInRules(masked: masked, toolchains: toolchains)
        index = PatternIndex(rules.flatMap(\.matches))
        owners = rules.enumerated().flatMap { place, rule in rule.matches.map { _ in place } }
    }

    package static func version(of yaml: String) -> String { version(of: Array(yaml.utf8)) }

    private static func version(of text: [UInt8]) -> String { Hex.encode(SHA256.hash(data: text)) }

    package func judge(_ access: Access) -> Judgement {
        let commands = access.commands.map(commands.judge)
        let places = access.places + commands.flatMap(\.places)
        return Judgement(
            matches: places.flatMap { matches($0.path, $0.use) }, commands: commands,
            endpoints: access.endpoints.map(hosts.judge), effect: access.effect.map(effects.judge))
    }

    /// Every rule with an opinion about one place, built-in ones first.
    package func matches(_ path: WorkspacePath, _ use: Access.PathUse) -> [RuleMatch] {
        let names = path.components.map(NameGlob.folded)
        var matches = builtIn.matches(path, folded: names, use)
        for place in candidates(names).sorted() {
            let rule = rules[place]
            guard let verdict = rule.verdict(for: use), case .match(let pattern) = rule.hit(folded: names) else {
                continue
            }
            matches.append(
                RuleMatch(
                    rule: rule.name, verdict: verdict, path: path, use: use, reason: rule.reason,
                    pattern: pattern.text))
        }
        return matches
    }

    /// Rules that would have an opinion but for one of their exceptions.
    func exceptions(_ path: WorkspacePath, _ use: Access.PathUse) -> [(rule: PathRule, exception: PathPattern)] {
        let names = path.components.map(NameGlob.folded)
        return candidates(names).sorted().compactMap { place in
            let rule = rules[place]
            guard rule.verdict(for: use) != nil, case .exception(let pattern, to: _) = rule.hit(folded: names) else {
                return nil
            }
            return (rule, pattern)
        }
    }

    private func candidates(_ names: [String]) -> Set<Int> {
        var found: Set<Int> = []
        index.candidates(names) { found.insert(owners[$0]) }
        return found
    }
}

extension Policy: PathRules {
    /// The same verdict as ``judge(_:)`` gives, without its reasons: a walk asks it for every file.
    package func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict {
        let names = Self.folded(path.components)
        if builtIn.deny(path, folded: names, use) { return .deny }
        var strictest = PathVerdict.allow
        index.candidates(names) { place in
            let rule = rules[owners[place]]
            guard let verdict = rule.verdict(for: use), verdict > strictest else { return }
            if case .match = rule.hit(folded: names) { strictest = verdict }
        }
        return strictest
    }

    /// Most paths are in lower case already; theirs are not copied.
    private static func folded(_ components: [String]) -> [String] {
        let isFolded = components.allSatisfy { component in
            component.utf8.allSatisfy { $0 < 0x80 && !(0x41...0x5A ~= $0) }
        }
        return isFolded ? components : components.map(NameGlob.folded)
    }
}
