package import ToolKit

/// One rule of the policy about effects: how far they may go, what it says of those that keep to that, and of those that
/// do not.
package struct EffectRule: Sendable, Hashable {
    package let name: String
    package let limits: EffectLimits
    /// About effects that stay inside every limit; `nil` has no opinion.
    package let verdict: PathVerdict?
    /// About those that do not; `ask` or `deny`, `nil` has no opinion.
    package let beyond: PathVerdict?
    /// Why the rule is there, for whoever meets it; one sentence.
    package let reason: String

    /// - Returns: `nil` when the rule does not speak of the effect.
    func match(_ effect: EffectFacts) -> EffectMatch? {
        // Whose effects it does not speak of are not beyond its limits.
        if let tools = limits.tools, !tools.contains(effect.toolName) { return nil }
        let excesses = limits.excesses(of: effect)
        guard let verdict = excesses.isEmpty ? verdict : beyond else { return nil }
        return EffectMatch(rule: name, verdict: verdict, reason: reason, excesses: excesses)
    }
}

/// A rule that had an opinion about an effect.
package struct EffectMatch: Sendable, Hashable {
    /// `nil`: no rule speaks of the effect, and this is what holds then.
    package let rule: String?
    package let verdict: PathVerdict
    package let reason: String
    /// Limits of the rule that the effect exceeds, each a clause that follows "it".
    package let excesses: [String]

    /// `this effect needs an approval by the rule "small edits" (it deletes 2 files, and 0 may be): …`
    package var sentence: String {
        let outcome =
            switch verdict {
            case .allow: "is allowed"
            case .ask: "needs an approval"
            case .deny: "is denied"
            }
        let why = excesses.isEmpty ? "" : " (it \(excesses.joined(separator: "; it ")))"
        guard let rule else { return "this effect \(outcome)\(why): \(reason)" }
        return "this effect \(outcome) by the rule \"\(rule)\"\(why): \(reason)"
    }

    package var json: JSONValue {
        [
            "rule": JSONValue(rule), "verdict": .string(verdict.name), "reason": .string(reason),
            "exceeds": .array(excesses.map(JSONValue.string)),
        ]
    }
}

/// What the policy says of an effect, before the places that it changes have their say.
package struct EffectJudgement: Sendable, Hashable {
    package let verdict: PathVerdict
    /// Strictest first; never empty.
    package let matches: [EffectMatch]
    /// Rules that would have let it pass, and what it exceeds of each.
    package let misses: [EffectMatch]

    /// Whether a rule says that it passes without a person: then no mode asks for one.
    package var isLetPass: Bool { verdict == .allow && matches.contains { $0.rule != nil } }

    package var sentences: [String] {
        matches.map(\.sentence)
            + misses.map { miss in
                "the rule \"\(miss.rule ?? "")\" would let it pass, but it \(miss.excesses.joined(separator: "; it "))"
            }
    }

    /// `effect_verdict` of answers.
    package var json: JSONValue {
        [
            "verdict": .string(verdict.name), "rule": JSONValue(matches.first?.rule),
            "rules": .array(sentences.map(JSONValue.string)), "matches": .array(matches.map(\.json)),
        ]
    }
}

/// The operator's rules about effects, ready to be asked. The strictest opinion wins; where no rule has one, an effect
/// passes that a run of its call would have had without a person, and any other is asked about.
package struct EffectPolicy: Sendable, Hashable {
    package let rules: [EffectRule]

    package init(rules: [EffectRule] = []) { self.rules = rules }

    package func judge(_ effect: EffectFacts) -> EffectJudgement {
        var matches = rules.compactMap { $0.match(effect) }
        if matches.isEmpty { matches = [Self.unruled(effect)] }
        if effect.places.contains(where: { $0.workspacePath == nil }) {
            matches.append(
                EffectMatch(
                    rule: nil, verdict: .ask, reason: "it names a file in a way that no rule can judge", excesses: []))
        }
        let ordered = matches.enumerated().sorted {
            ($1.element.verdict.rawValue, $0.offset) < ($0.element.verdict.rawValue, $1.offset)
        }.map(\.element)
        let verdict = ordered.first?.verdict ?? .deny
        let misses = rules.filter { $0.verdict == .allow && verdict != .allow }.compactMap { rule -> EffectMatch? in
            let excesses = rule.limits.excesses(of: effect)
            guard !excesses.isEmpty, !ordered.contains(where: { $0.rule == rule.name }) else { return nil }
            return EffectMatch(rule: rule.name, verdict: .allow, reason: rule.reason, excesses: excesses)
        }
        return EffectJudgement(verdict: verdict, matches: ordered, misses: misses)
    }

    private static func unruled(_ effect: EffectFacts) -> EffectMatch {
        switch effect.basis {
        case .everything:
            return EffectMatch(
                rule: nil, verdict: .allow, reason: "\(effect.toolName) names all that it changes", excesses: [])
        case .folders(let folders):
            let outside = effect.places.filter { place in
                !folders.contains { folder in EffectPath(folder).map { place == $0 || place.isInside($0) } ?? true }
            }
            guard let first = outside.first else {
                return EffectMatch(
                    rule: nil, verdict: .allow, reason: "all of it lies where the rule of its command lets it write",
                    excesses: [])
            }
            let more = outside.count > 1 ? " and \(outside.count - 1) other places" : ""
            return EffectMatch(
                rule: nil, verdict: .ask,
                reason: "no rule about effects lets it pass, and \(first.shown)\(more) "
                    + "\(outside.count > 1 ? "are" : "is") outside what the rule of its command lets it write",
                excesses: [])
        case .nothing:
            return EffectMatch(rule: nil, verdict: .ask, reason: "no rule about effects lets it pass", excesses: [])
        }
    }
}
