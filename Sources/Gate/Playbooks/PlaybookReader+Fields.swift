internal import ToolKit

/// Fields of a few kinds. Each notes what is wrong and answers something harmless then.
extension PlaybookReader {
    mutating func noteDepth(_ field: String) {
        note(field, "is nested deeper than \(PlaybookLimits.depth) levels")
    }

    mutating func members(
        _ json: JSONValue, _ field: String, among known: [String]
    ) -> [String: JSONValue]? {
        guard let members = json.objectValue else {
            note(field, "must be an object, not \(json.kindName)")
            return nil
        }
        for name in members.keys.sorted().prefix(ArgumentProblems.limit) where !known.contains(name) {
            let shown = String(name.prefix(64))
            let nearest = Spelling.nearest(to: shown, among: known).map { "did you mean \"\($0)\"?" }
            note(
                field == "playbook" ? shown : "\(field).\(shown)",
                "is unknown; \(nearest ?? "known are \(known.joined(separator: ", "))")")
        }
        return members
    }

    mutating func text(_ json: JSONValue?, _ field: String) -> String? {
        guard let json, json != .null else { return nil }
        guard let text = json.stringValue else {
            note(field, "must be a string, not \(json.kindName)")
            return nil
        }
        guard text.utf8.count <= PlaybookLimits.descriptionSize, !text.utf8.contains(0) else {
            note(field, "must have at most \(PlaybookLimits.descriptionSize) bytes and no NUL character")
            return nil
        }
        return text
    }

    /// No reader of YAML can be relied on to keep one at the beginning of a text.
    mutating func refuseByteOrderMark(in value: JSONValue) {
        switch value {
        case .string(let text):
            guard text.unicodeScalars.first == "\u{FEFF}" else { return }
            note("playbook", "holds a text that begins with a byte order mark")
        case .array(let elements): for element in elements { refuseByteOrderMark(in: element) }
        case .object(let members):
            for (name, member) in members {
                refuseByteOrderMark(in: .string(name))
                refuseByteOrderMark(in: member)
            }
        case .null, .bool, .integer, .number: break
        }
    }

    /// One line that shows what it holds.
    mutating func line(_ json: JSONValue?, _ field: String, limit: Int) -> String? {
        guard let json, json != .null else { return field == "name" ? "" : nil }
        guard let text = json.stringValue else {
            note(field, "must be a string, not \(json.kindName)")
            return nil
        }
        guard text.utf8.count <= limit else {
            note(field, "must have at most \(limit) bytes")
            return nil
        }
        guard text.unicodeScalars.allSatisfy({ !Self.isInvisible($0) }), text.first != " ", text.last != " " else {
            note(field, "must be one line without invisible characters, and not begin or end with a space")
            return nil
        }
        return text
    }

    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: true
        default: false
        }
    }

    mutating func flag(_ json: JSONValue?, _ field: String) -> Bool? {
        guard let json, json != .null else { return nil }
        if json.boolValue == nil { note(field, "must be true or false, not \(json.kindName)") }
        return json.boolValue
    }

    mutating func tags(_ json: JSONValue?) -> [String] {
        guard let json, json != .null else { return [] }
        guard let elements = json.arrayValue else {
            note("tags", "must be an array of strings, not \(json.kindName)")
            return []
        }
        guard elements.count <= PlaybookLimits.tags else {
            note("tags", "must have at most \(PlaybookLimits.tags) elements")
            return []
        }
        var tags: [String] = []
        for (place, element) in elements.enumerated() {
            guard let tag = line(element, "tags[\(place)]", limit: PlaybookLimits.tagSize) else {
                if element == .null { note("tags[\(place)]", "must be a string, not null") }
                continue
            }
            if tag.isEmpty { note("tags[\(place)]", "is empty") }
            if tags.contains(tag) { note("tags[\(place)]", "is given twice") }
            tags.append(tag)
        }
        return tags
    }
}
