internal import ToolKit

/// What rules about programs are made of.
extension PolicyDecoder {
    /// `[git, [status, diff]]`: the program, then what follows it; a list stands for one of several.
    mutating func run(_ value: YAMLValue?, _ line: Int, _ field: String) -> [[String]] {
        guard let value else {
            problem(line, "\(field) is required; write for example [git, status]")
            return []
        }
        guard case .list(let elements, _) = value, !elements.isEmpty else {
            problem(value.line, "\(field) must be a list that starts with a program")
            return []
        }
        return elements.enumerated().map { place, element in
            var words: [(text: String, line: Int)] = []
            if case .list = element {
                words = texts(element, element.line, "\(field)[\(place)]", isRequired: true)
            } else {
                words = [(required(element, element.line, "\(field)[\(place)]", lengthLimit: 200), element.line)]
            }
            for (word, line) in words {
                if place == 0, !Self.isProgramName(word) {
                    problem(line, "\(field)[0] must be a program's name without a folder, such as git")
                } else if !ShellSafe.isPlain(word) {
                    problem(line, "\(field)[\(place)] must be a word of visible ASCII characters")
                }
            }
            return words.map(\.text)
        }
    }

    private static func isProgramName(_ word: String) -> Bool {
        ShellSafe.isPlain(word) && word.utf8.count <= 64 && word != "." && word != ".."
            && !word.utf8.contains(UInt8(ascii: "/")) && !ShellSafe.startsWithDash(word)
    }

    /// A list of spellings, or `any`.
    mutating func flags(_ value: YAMLValue?, _ field: String, isOpenByDefault: Bool) -> FlagTable {
        guard let value else { return isOpenByDefault ? .open : FlagTable() }
        if case .text("any", _, _) = value { return .open }
        var table = FlagTable()
        for (text, line) in texts(value, value.line, field, isRequired: false) {
            if let reason = table.add(text) { problem(line, "\(field): \(JSONWriter.quoted(text)) \(reason)") }
        }
        return table
    }

    /// A list of shapes, or `any`.
    mutating func operands(_ value: YAMLValue?, _ field: String, isOpenByDefault: Bool) -> OperandShapes {
        guard let value else { return isOpenByDefault ? .open : OperandShapes() }
        if case .text("any", _, _) = value { return .open }
        var shapes = OperandShapes()
        for (text, line) in texts(value, value.line, field, isRequired: false) {
            if let reason = shapes.add(text) { problem(line, "\(field): \(JSONWriter.quoted(text)) \(reason)") }
        }
        return shapes
    }

    /// Flags as they are, without values.
    mutating func listed(_ value: YAMLValue?, _ field: String) -> Set<String> {
        guard let value else { return [] }
        let flags = texts(value, value.line, field, isRequired: true)
        for (flag, line) in flags where !ShellSafe.isPlain(flag) || !ShellSafe.startsWithDash(flag) {
            problem(line, "\(field): \(JSONWriter.quoted(flag)) is no flag")
        }
        return Set(flags.map(\.text))
    }

    /// Folders only: what does not exist yet has to be mounted before the program starts.
    mutating func writes(_ value: YAMLValue?, _ line: Int, _ field: String) -> [String] {
        guard let value else { return [] }
        return texts(value, line, field, isRequired: true).map { text, line in
            let bare = text.hasPrefix("/") ? String(text.dropFirst()) : text
            let path = try? WorkspacePath(bare)
            if path == nil || path?.isRoot == true || text.contains(where: "*?[{".contains) {
                problem(line, "\(field): \(JSONWriter.quoted(text)) must be a folder below the workspace, without '*'")
            } else if let path, ControlFiles.isProtected(path) {
                problem(line, "\(field): what is written below .git decides which programs git starts")
            }
            return text
        }
    }
}
