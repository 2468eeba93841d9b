/// `requirements*.txt` and `pyproject.toml` (PEP 508, PEP 621, Poetry's tables).
enum PythonManifests {
    static func requirements(_ text: String) -> [Dependency] {
        text.textLines.compactMap { line in
            let line = line.prefix { $0 != "#" }.trimmed
            return line.isEmpty || line.hasPrefix("-") ? nil : requirement(line)
        }
    }

    static func project(_ text: String) -> [Dependency] {
        var found: [Dependency] = []
        for entry in TOMLEntries(text) {
            switch (entry.table, entry.key) {
            case ("project", "dependencies"): found += entry.strings.compactMap { requirement($0) }
            case ("project.optional-dependencies", _), ("dependency-groups", _):
                found += entry.strings.compactMap { requirement($0) }
            case (let table, let name) where isPoetry(table) && name != "python":
                found.append(Dependency(name, entry.version))
            default: continue
            }
        }
        return found
    }

    private static func isPoetry(_ table: String) -> Bool {
        table == "tool.poetry.dependencies" || table == "tool.poetry.dev-dependencies"
            || (table.hasPrefix("tool.poetry.group.") && table.hasSuffix(".dependencies"))
    }

    /// `name[extra] >=1.0,<2 ; marker`, `name @ url`.
    private static func requirement(_ text: some StringProtocol) -> Dependency? {
        let isName = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
        }
        let text = text.prefix { $0 != ";" }.trimmed
        let name = text.prefix(while: isName)
        guard !name.isEmpty else { return nil }
        var rest = text.dropFirst(name.count).trimmed
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
            rest = rest[rest.index(after: close)...].trimmed
        }
        if rest.hasPrefix("@") { return Dependency(name, rest.dropFirst().trimmed) }
        if rest.hasPrefix("("), rest.hasSuffix(")") { rest = rest.dropFirst().dropLast() }
        guard let first = rest.first else { return Dependency(name, "") }
        return "=<>!~".contains(first) ? Dependency(name, String(rest.filter { !$0.isWhitespace })) : nil
    }
}
