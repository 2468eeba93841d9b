internal import Yams

/// A YAML document as far as a policy needs one: mappings, lists and texts, each with its line.
indirect enum YAMLValue: Sendable {
    case mapping([Member], line: Int)
    case list([YAMLValue], line: Int)
    /// - Parameter isQuoted: Whether it was written in quotes or as a block; a plain `null` or `true` is no text.
    case text(String, isQuoted: Bool, line: Int)

    struct Member: Sendable {
        let key: String
        let line: Int
        let value: YAMLValue
    }

    /// Counted from 1.
    var line: Int {
        switch self {
        case .mapping(_, let line), .list(_, let line), .text(_, _, let line): line
        }
    }

    var kindName: String {
        switch self {
        case .mapping: "a mapping"
        case .list: "a list"
        case .text(let text, let isQuoted, _): text.isEmpty && !isQuoted ? "nothing" : "a text"
        }
    }
}

/// Reads one YAML document, and only what two readers cannot understand differently: no anchors and aliases (the
/// material of bombs), no tags, no merge keys, no duplicate keys, no second document.
enum StrictYAML {
    static let sizeLimit = 262_144
    static let maximumDepth = 16

    /// - Parameter needs: What an empty document lacks, as a clause.
    /// - Throws: ``FileProblem`` with line and reason for the first thing that is wrong.
    static func read(
        _ bytes: [UInt8], needs: String = "it needs at least \"version: 1\""
    ) throws(FileProblem) -> YAMLValue {
        guard bytes.count <= sizeLimit else { throw FileProblem("is larger than \(sizeLimit / 1_024) KiB") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw FileProblem("is not UTF-8") }
        try refuseAnchors(bytes)
        let root: Node?
        do {
            // Without resolver rules every plain text stays a text; nothing becomes a date or a number by its looks.
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            throw problem(of: error)
        }
        guard let root else { throw FileProblem("line 1: the file is empty; \(needs)") }
        return try value(root, depth: 1)
    }

    /// Anchors are refused before the parser runs, by a test that cannot miss one: an anchor is a `&` with a word behind
    /// it that does not continue a word. It refuses such a `&` in a comment or a text as well, which is a small price.
    /// Without anchors an alias has nothing to stand for, and the parser refuses it.
    private static func refuseAnchors(_ bytes: [UInt8]) throws(FileProblem) {
        var line = 1
        var previous: UInt8 = 0x0A
        for (place, byte) in bytes.enumerated() {
            if byte == 0x0A { line += 1 }
            if byte == UInt8(ascii: "&"), !isWord(previous), place + 1 < bytes.count, isWord(bytes[place + 1]) {
                throw FileProblem(
                    "line \(line): anchors (\"&name\") are not supported; write things out, and a '&' in a text "
                        + "with a space behind it")
            }
            previous = byte
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func value(_ node: Node, depth: Int) throws(FileProblem) -> YAMLValue {
        let line = node.mark?.line ?? 0
        guard depth <= maximumDepth else {
            throw FileProblem("line \(line): nesting deeper than \(maximumDepth) levels")
        }
        switch node {
        case .scalar(let scalar):
            try refuseTag(of: node, unless: .str, line)
            let isQuoted = scalar.style != .plain && scalar.style != .any
            return .text(scalar.string, isQuoted: isQuoted, line: line)
        case .sequence(let sequence):
            try refuseTag(of: node, unless: .seq, line)
            var elements: [YAMLValue] = []
            for element in sequence { elements.append(try value(element, depth: depth + 1)) }
            return .list(elements, line: line)
        case .mapping(let mapping):
            try refuseTag(of: node, unless: .map, line)
            var members: [YAMLValue.Member] = []
            var names: Set<String> = []
            for (key, member) in mapping {
                guard case .text(let name, _, let line) = try value(key, depth: depth + 1) else {
                    throw FileProblem("line \(line): a key must be a text")
                }
                guard names.insert(name).inserted else {
                    throw FileProblem("line \(line): \(name) is given twice")
                }
                members.append(.init(key: name, line: line, value: try value(member, depth: depth + 1)))
            }
            return .mapping(members, line: line)
        case .alias:
            throw FileProblem("line \(line): aliases are not supported")
        }
    }

    private static func refuseTag(of node: Node, unless name: Tag.Name, _ line: Int) throws(FileProblem) {
        guard node.tag == Tag(name) else { throw FileProblem("line \(line): tags (\"!name\") are not supported") }
    }

    private static func problem(of error: any Error) -> FileProblem {
        guard let error = error as? YamlError else { return FileProblem("cannot be read as YAML") }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let hint = context?.text.contains("alias") == true ? quoteHint : ""
            return FileProblem("line \(mark.line), column \(mark.column): \(problem)\(hint)")
        case .composer(_, let problem, let mark, _):
            if problem.contains("alias") {
                return FileProblem("line \(mark.line), column \(mark.column): aliases are not supported\(quoteHint)")
            }
            return FileProblem("line \(mark.line), column \(mark.column): \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            return FileProblem("line \(context.mark.line): \(keys.joined(separator: ", ")) is given twice")
        case .reader(let problem, _, _, _): return FileProblem("line 1: \(problem)")
        default: return FileProblem("cannot be read as YAML")
        }
    }

    private static let quoteHint = "; a text that starts with '*' must be in quotes"
}
