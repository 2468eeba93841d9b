package import ToolKit

extension GrantRule {
    /// `args` as it is shown and kept.
    package var argumentsJSON: JSONValue { .object(arguments.mapValues(\.json)) }

    /// One that was kept.
    ///
    /// - Returns: `nil` when a rule cannot be read: it then covers nothing.
    package init?(
        toolName: String, argumentsJSON: JSONValue, agentID: String?, principal: String?, withinJSON: JSONValue? = nil
    ) {
        guard let members = argumentsJSON.objectValue else { return nil }
        var rules: [String: ArgumentRule] = [:]
        for (name, value) in members {
            guard let rule = ArgumentRule(kept: value) else { return nil }
            rules[name] = rule
        }
        var within: EffectLimits?
        if let withinJSON {
            guard let limits = try? EffectLimits(withinJSON) else { return nil }
            within = limits
        }
        self.init(toolName: toolName, arguments: rules, agentID: agentID, principal: principal, within: within)
    }
}

extension ArgumentRule {
    var json: JSONValue {
        switch self {
        case .exact(let value): ["exact": value]
        case .prefix(let text): ["prefix": .string(text)]
        case .type(let kind): ["type": .string(kind.rawValue)]
        case .words(let rules, let allowsMore):
            ["words": .array(rules.map(\.json)), "more": .bool(allowsMore)]
        }
    }

    init?(kept value: JSONValue) {
        if let exact = value["exact"] {
            self = .exact(exact)
        } else if let prefix = value["prefix"]?.stringValue {
            self = .prefix(prefix)
        } else if let kind = value["type"]?.stringValue.flatMap(Kind.init(rawValue:)) {
            self = .type(kind)
        } else if let words = value["words"]?.arrayValue {
            let rules = words.compactMap(WordRule.init(kept:))
            guard rules.count == words.count else { return nil }
            self = .words(rules, allowsMore: value["more"]?.boolValue ?? false)
        } else {
            return nil
        }
    }
}

extension ArgumentRule.WordRule {
    var json: JSONValue {
        switch self {
        case .exact(let text): ["exact": .string(text)]
        case .prefix(let text): ["prefix": .string(text)]
        case .any: ["type": "word"]
        }
    }

    init?(kept value: JSONValue) {
        if let text = value["exact"]?.stringValue {
            self = .exact(text)
        } else if let text = value["prefix"]?.stringValue {
            self = .prefix(text)
        } else if value["type"] == "word" {
            self = .any
        } else {
            return nil
        }
    }
}

extension StandingGrant {
    /// As `GET /grants` shows it.
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "grant_id": .string(id), "tool_name": .string(rule.toolName), "args": rule.argumentsJSON,
            "created_by": .string(createdBy), "created_at": .number(createdAt), "approval_request_id": .string(itemID),
        ]
        if !asking.isEmpty { members["asking_rules"] = .array(asking.sorted().map(JSONValue.string)) }
        members["within"] = rule.within?.json
        members["agent_id"] = rule.agentID.map(JSONValue.string)
        members["principal"] = rule.principal.map(JSONValue.string)
        members["uses_left"] = usesLeft.map(JSONValue.integer)
        members["expires_at"] = expiresAt.map(JSONValue.number)
        return .object(members)
    }
}
