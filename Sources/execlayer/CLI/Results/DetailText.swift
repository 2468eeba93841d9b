internal import ToolKit

/// Shows any JSON value to a person: scalars as named lines, lists of objects as tables, long texts as blocks.
enum DetailText {
    static func text(of value: JSONValue) -> String {
        switch value {
        case .object(let members): text(of: members)
        case .array(let elements): text(of: elements)
        case .string(let text): block(text)
        default: TextCell.text(of: value) + "\n"
        }
    }

    static func text(of members: [String: JSONValue]) -> String {
        var lines = NamedLines()
        var blocks: [String] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .null: continue
            case .string(let text) where text.utf8.contains(UInt8(ascii: "\n")):
                blocks.append(titled(name, block(text)))
            case .array(let elements) where elements.contains { $0.objectValue != nil }:
                blocks.append(titled(name, text(of: elements)))
            case .object(let inner) where !inner.isEmpty:
                blocks.append(titled(name, text(of: inner)))
            default:
                let text = TextCell.text(of: value, named: name)
                lines.add(name, text.isEmpty ? "-" : text)
            }
        }
        return ([lines.text] + blocks).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Objects become a table with the columns of the first ones; anything else a line each.
    static func text(of elements: [JSONValue]) -> String {
        let objects = elements.compactMap(\.objectValue)
        guard objects.count == elements.count, !objects.isEmpty else {
            return elements.map { TerminalText.safe(TextCell.text(of: $0)) + "\n" }.joined()
        }
        let names = Set(objects.prefix(100).flatMap(\.keys)).sorted(by: precedes)
        let isNumeric = names.map { name in
            objects.allSatisfy { $0[name].map { $0.doubleValue != nil || $0 == .null } ?? true }
        }
        var table = TextTable(
            columns: zip(names, isNumeric).map { name, isNumeric in
                TextTable.Column(title: name, alignment: isNumeric && !name.hasSuffix("_at") ? .right : .left)
            })
        for object in objects {
            table.add(names.map { name in object[name].map { TextCell.text(of: $0, named: name) } ?? "" })
        }
        return table.text
    }

    private static func block(_ text: String) -> String {
        let safe = TerminalText.safeLines(text)
        return safe.hasSuffix("\n") ? safe : safe + "\n"
    }

    private static func titled(_ name: String, _ block: String) -> String {
        "\(TerminalText.safe(name)):\n\(block)"
    }

    /// What identifies a row comes first.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        (rank(left), left) < (rank(right), right)
    }

    private static func rank(_ name: String) -> Int {
        switch name {
        case "pid", "path", "file", "name", "family": 0
        case "line", "size", "status", "state", "kind", "version": 1
        default: 2
        }
    }
}
