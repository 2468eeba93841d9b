/// Why an effect cannot be applied, or a call not undone.
public enum EffectFailure {
    public static let unknownEffect = ToolFailure(
        "unknown_effect", "there is no such effect", remedy: "preview the call again and use the effect_id it answers")

    public static let unknownCall = ToolFailure(
        "unknown_call", "there is no such call", remedy: "use the audit_id of a call that changed something")

    public static let otherDigest = ToolFailure(
        "effect_digest_mismatch", "the effect has another digest",
        remedy: "look at the effect again and send the effect_digest that it has")

    /// - Parameter state: A participle: `applied`, `discarded`, `expired`, `evicted`.
    public static func gone(_ state: String) -> ToolFailure {
        ToolFailure("effect_\(state)", "the effect was \(state) before", remedy: "preview the call again")
    }

    public static let underWay = ToolFailure(
        "effect_under_way", "the effect is being applied", remedy: "ask for the effect again")

    /// - Parameter reason: A clause for people.
    public static func notUndoable(_ reason: String) -> ToolFailure {
        ToolFailure(
            "not_undoable", "the call cannot be undone: \(reason)", remedy: "change back by hand what is needed")
    }

    public static func conflict(_ conflict: EffectConflict) -> ToolFailure {
        let count = conflict.paths.count
        let others = count > 1 ? " and \(count - 1) other place\(count == 2 ? "" : "s")" : ""
        var failure = ToolFailure(
            "effect_conflict",
            "\(conflict.paths.first?.shown ?? "the workspace")\(others) changed since; nothing was changed",
            remedy: "look at what changed, then preview the call again")
        failure.details = conflict.json
        return failure
    }
}

extension EffectConflict {
    /// `conflicts` of answers, with the exact names of those that are no UTF-8.
    public var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["conflicts": .array(paths.map { .string($0.shown) })]
        let odd = paths.filter { $0.hexIfOdd != nil }
        if !odd.isEmpty {
            members["conflicts_hex"] = .array(odd.compactMap(\.hexIfOdd).map(JSONValue.string))
        }
        return members
    }
}

extension EffectPath {
    /// The bytes of a name that ``shown`` does not show as it is; `nil` for one that is UTF-8.
    public var hexIfOdd: String? {
        String(validating: bytes, as: UTF8.self) == nil ? Hex.encode(bytes) : nil
    }
}
