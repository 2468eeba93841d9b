internal import ToolKit

/// An effect for people and pagers: what goes first, then everything else in a line each, then the diffs.
struct EffectText {
    /// Whether a terminal shows it; a pipe gets plain text.
    let isColored: Bool

    init(isColored: Bool) { self.isColored = isColored }

    init(for session: Session, noColor: Bool) {
        isColored =
            session.terminal.isInteractive && !noColor && (session.environment["NO_COLOR"] ?? "").isEmpty
    }

    private enum Color: String {
        case red = "31"
        case green = "32"
        case cyan = "36"
        case bold = "1"
    }

    /// - Parameter answer: Of a preview, of an effect, or the plan of an apply or undo.
    func text(of answer: JSONValue, statOnly: Bool = false) -> String {
        let files = answer["effects"]?["files"]?.arrayValue ?? []
        var text = summary(of: files)
        for file in files where Self.change(file) == "deleted" { text += line(of: file) }
        for file in files where Self.change(file) != "deleted" { text += line(of: file) }
        if answer["effects"]?["truncated"]?.boolValue == true {
            text += "not everything is shown; --json has what there is, and the digest covers all of it\n"
        }
        for omission in answer["omissions"]?.arrayValue ?? [] {
            text += "left out: \(TerminalText.safe(omission.stringValue ?? ""))\n"
        }
        text += verdict(of: answer)
        guard !statOnly else { return text }
        for file in files {
            guard let diff = file["diff"]?.stringValue else { continue }
            text += "\n" + colored(diff)
        }
        return text
    }

    private func summary(of files: [JSONValue]) -> String {
        guard !files.isEmpty else { return "nothing would change\n" }
        let deleted = files.count { Self.change($0) == "deleted" }
        let lines = files.reduce(0) { $0 + ($1["lines"]?.integerValue ?? 0) }
        var text = "\(files.count) file\(files.count == 1 ? "" : "s") changed"
        if deleted > 0 { text += ", " + painted("\(deleted) deleted", .red) }
        if lines > 0 { text += ", \(lines) line\(lines == 1 ? "" : "s")" }
        return text + "\n"
    }

    private func line(of file: JSONValue) -> String {
        let change = Self.change(file)
        let path = TerminalText.safe(file["path"]?.stringValue ?? "")
        let label = change.padded(to: 9)
        var text = "  " + painted(label, Self.color(of: change)) + path
        if let source = file["renamed_from"]?.stringValue { text += " (was \(TerminalText.safe(source)))" }
        var facts: [String] = []
        let (before, after) = (file["before"], file["after"])
        if let old = before?["mode"]?.stringValue, let new = after?["mode"]?.stringValue, old != new {
            facts.append("mode \(old) to \(new)")
        }
        if let lines = file["lines"]?.integerValue {
            if lines > 0 { facts.append("\(lines) line\(lines == 1 ? "" : "s")") }
        } else {
            let sizes = [before, after].compactMap { $0?["size"]?.integerValue.map(String.init) }
            if !sizes.isEmpty { facts.append(sizes.joined(separator: " to ") + " bytes") }
            if file["binary"]?.boolValue == true { facts.append("no text") }
        }
        if file["diff_withheld"]?.stringValue != nil { facts.append("not shown: policy keeps it from being read") }
        if file["diff_truncated"]?.boolValue == true { facts.append("cut below") }
        if !facts.isEmpty { text += "  (\(facts.joined(separator: ", ")))" }
        return text + "\n"
    }

    private func verdict(of answer: JSONValue) -> String {
        guard let verdict = answer["effect_verdict"] else { return "" }
        let needs = answer["approval_required"]?.boolValue
        var text =
            switch verdict["verdict"]?.stringValue {
            case "deny": painted("policy denies applying it", .red)
            case _ where needs == true: "applying it needs an approval"
            default: painted("it can be applied without a person", .green)
            }
        text += "\n"
        for rule in (verdict["rules"]?.arrayValue ?? []).prefix(10) {
            text += "  \(TerminalText.safe(rule.stringValue ?? ""))\n"
        }
        return text
    }

    private func colored(_ diff: String) -> String {
        var text = ""
        for line in diff.split(separator: "\n", omittingEmptySubsequences: false).dropLast(diff.hasSuffix("\n") ? 1 : 0)
        {
            let safe = TerminalText.safeLines(String(line))
            let color: Color? =
                if line.hasPrefix("--- ") || line.hasPrefix("+++ ") {
                    .bold
                } else if line.hasPrefix("@@") {
                    .cyan
                } else if line.hasPrefix("-") {
                    .red
                } else if line.hasPrefix("+") {
                    .green
                } else {
                    nil
                }
            text += painted(safe, color) + "\n"
        }
        return text
    }

    private func painted(_ text: String, _ color: Color?) -> String {
        guard isColored, let color, !text.isEmpty else { return text }
        return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
    }

    private static func change(_ file: JSONValue) -> String { file["change"]?.stringValue ?? "" }

    private static func color(of change: String) -> Color? {
        switch change {
        case "deleted": .red
        case "added": .green
        default: nil
        }
    }

    // MARK: Lists

    static func table(_ effects: [JSONValue]) -> String {
        var table = TextTable(
            .init(title: "id", limit: 64), .init(title: "made"), .init(title: "tool", limit: 32),
            .init(title: "from", limit: 24), .init(title: "files", alignment: .right),
            .init(title: "deleted", alignment: .right), .init(title: "state"))
        for effect in effects {
            func text(_ name: String) -> String { effect[name].map { TextCell.text(of: $0) } ?? "" }
            table.add([
                text("effect_id"), effect["created_at"]?.doubleValue.map(Timestamp.text) ?? "", text("tool_name"),
                text("principal"), text("files_changed"), text("deletions"), text("state"),
            ])
        }
        return table.text
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
