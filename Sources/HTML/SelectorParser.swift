/// Reads selectors, by descent into parentheses and no deeper than a limit.
struct SelectorParser {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var depth = 0
    private var parts = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func whole() throws(SelectorError) -> Selector {
        let list = try list(closing: false)
        guard place == scalars.count else { throw error("has a ')' too many") }
        return list
    }

    // MARK: lists

    private mutating func list(closing: Bool, isForgiving: Bool = false) throws(SelectorError) -> Selector {
        var complexes: [Selector.Complex] = []
        while true {
            try skipSpace()
            if isForgiving, isAtEndOfSelector(closing) {
                // `:is()` and `:is(a, )` are fine and match what is there.
            } else {
                complexes.append(try complex(closing))
            }
            guard peek == "," else { break }
            place += 1
        }
        try close(closing)
        return Selector(complexes: complexes)
    }

    private func isAtEndOfSelector(_ closing: Bool) -> Bool { peek == "," || (closing && peek == ")") }

    private mutating func close(_ closing: Bool) throws(SelectorError) {
        guard closing else { return }
        guard peek == ")" else { throw error("has a '(' without its ')'") }
        place += 1
    }

    private mutating func relatives() throws(SelectorError) -> [Selector.Relative] {
        var relatives: [Selector.Relative] = []
        while true {
            try skipSpace()
            if !isAtEndOfSelector(true) {
                let leading = try combinator()
                relatives.append(.init(combinator: leading ?? .descendant, complex: try complex(true)))
            }
            guard peek == "," else { break }
            place += 1
        }
        try close(true)
        return relatives
    }

    private mutating func complex(_ closing: Bool) throws(SelectorError) -> Selector.Complex {
        var complex = Selector.Complex(compound: try compound())
        while true {
            let isSpaced = try skipSpace()
            if place == scalars.count || isAtEndOfSelector(closing) || peek == ")" { return complex }
            let combinator = try combinator() ?? (isSpaced ? .descendant : nil)
            guard let combinator else { throw error("has something there that is no part of a selector") }
            complex.left.insert(.init(combinator: combinator, compound: complex.compound), at: 0)
            complex.compound = try compound()
        }
    }

    private mutating func combinator() throws(SelectorError) -> Selector.Combinator? {
        let combinator: Selector.Combinator
        switch peek {
        case ">": combinator = .child
        case "+": combinator = .next
        case "~": combinator = .later
        default: return nil
        }
        place += 1
        try skipSpace()
        return combinator
    }

    // MARK: one element

    private mutating func compound() throws(SelectorError) -> Selector.Compound {
        var compound = Selector.Compound()
        let start = place
        if let test = try typeTest() { compound.tests.append(test) }
        while let next = peek {
            parts += 1
            guard parts <= Selector.partLimit else { throw error("has more than \(Selector.partLimit) parts") }
            switch next {
            case "#":
                place += 1
                compound.tests.append(.id(try identifier()))
            case ".":
                place += 1
                compound.tests.append(.class(try identifier()))
            case "[": compound.tests.append(try attribute())
            case ":": compound.tests += try pseudo()
            default:
                guard place > start else { throw error("lacks a name, '*', '.', '#', '[' or ':' there") }
                return compound
            }
        }
        guard place > start else { throw error("ends where a name is needed") }
        return compound
    }

    /// `a`, `*`, `*|a`; `nil` when none stands there, and for a star, which says nothing.
    private mutating func typeTest() throws(SelectorError) -> Selector.Test? {
        var name: String?
        if peek == "*" {
            place += 1
        } else if startsIdentifier(at: place) {
            name = try identifier()
        } else if peek != "|" {
            return nil
        }
        if peek == "|", peek(1) != "=" {
            place += 1
            guard name == nil, scalars[place - 2 < 0 ? 0 : place - 2] == "*" else {
                throw error("names a namespace; only '*|' is known")
            }
            if peek == "*" { place += 1 } else { name = try identifier() }
        }
        return name.map { .name($0.lowercased()) }
    }

    private mutating func attribute() throws(SelectorError) -> Selector.Test {
        place += 1
        try skipSpace()
        if peek == "*", peek(1) == "|" { place += 2 }
        let name = try identifier().lowercased()
        try skipSpace()
        if peek == "]" {
            place += 1
            return .attribute(name: name, .exists, ignoresCase: false)
        }
        let kind = peek
        if kind != "=" { place += 1 }
        guard peek == "=" else { throw error("has an attribute with an unknown comparison") }
        place += 1
        try skipSpace()
        let value = peek == "\"" || peek == "'" ? try string() : try identifier()
        try skipSpace()
        // Of HTML, the one attribute whose values are the same in any case.
        var ignoresCase = name == "type"
        if let flag = peek, "iIsS".unicodeScalars.contains(flag) {
            ignoresCase = flag == "i" || flag == "I"
            place += 1
            try skipSpace()
        }
        guard peek == "]" else { throw error("has a '[' without its ']'") }
        place += 1
        let match: Selector.AttributeMatch
        switch kind {
        case "=": match = .equals(value)
        case "!": match = .differs(value)
        case "~": match = .word(value)
        case "|": match = .dashed(value)
        case "^": match = .prefix(value)
        case "$": match = .suffix(value)
        case "*": match = .infix(value)
        default: throw error("has an attribute with an unknown comparison")
        }
        return .attribute(name: name, match, ignoresCase: ignoresCase)
    }

    // MARK: behind a colon

    private mutating func pseudo() throws(SelectorError) -> [Selector.Test] {
        let start = place
        place += 1
        guard peek != ":" else { throw error("names a part of an element (::), which no page has as a node") }
        let name = try identifier().lowercased()
        guard peek == "(" else {
            guard let tests = try Self.plain(name) else {
                place = start
                throw error("uses :\(name.prefix(40)), which is not known")
            }
            return tests
        }
        place += 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= Selector.depthLimit else {
            throw error("is nested deeper than \(Selector.depthLimit) parentheses")
        }
        switch name {
        case "is", "where", "matches", "any": return [.isAny(try list(closing: true, isForgiving: true))]
        case "not": return [.not(try list(closing: true, isForgiving: true))]
        case "has": return [.has(try relatives())]
        case "nth-child": return [.nth(try nth())]
        case "nth-last-child": return [.nth(try nth(isFromEnd: true))]
        case "nth-of-type": return [.nth(try nth(isOfType: true))]
        case "nth-last-of-type": return [.nth(try nth(isFromEnd: true, isOfType: true))]
        case "contains", "-soup-contains": return [.contains(try texts(), own: false)]
        case "-soup-contains-own": return [.contains(try texts(), own: true)]
        case "lang": return [.language(try texts())]
        default:
            place = start
            throw error("uses :\(name.prefix(40))(), which is not known")
        }
    }

    private mutating func texts() throws(SelectorError) -> [String] {
        var texts: [String] = []
        while true {
            try skipSpace()
            texts.append(peek == "\"" || peek == "'" ? try string() : try identifier())
            try skipSpace()
            guard peek == "," else { break }
            place += 1
        }
        try close(true)
        return texts
    }

    private mutating func nth(isFromEnd: Bool = false, isOfType: Bool = false) throws(SelectorError) -> Selector.Nth {
        try skipSpace()
        var formula = ""
        while let next = peek, next != ")" {
            if !isOfType, next == "o" || next == "O", "of" == String(word(2)).lowercased(), formula.last == " " {
                break
            }
            formula.unicodeScalars.append(Self.isSpace(next) ? " " : next)
            place += 1
        }
        guard let (step, offset) = Self.formula(formula) else {
            throw error("has a formula that is not like 2n+1, even, odd or 3")
        }
        var nth = Selector.Nth(step: step, offset: offset, isFromEnd: isFromEnd, isOfType: isOfType)
        if peek != ")" {
            place += 2
            nth.filter = try list(closing: true)
        } else {
            try close(true)
        }
        return nth
    }

    private func word(_ count: Int) -> String {
        String(String.UnicodeScalarView(scalars[place..<min(place + count, scalars.count)]))
    }

    /// `odd`, `even`, `b`, `an+b`.
    static func formula(_ text: String) -> (step: Int, offset: Int)? {
        let text = text.lowercased().trimmingSpaces
        if text == "odd" { return (2, 1) }
        if text == "even" { return (2, 0) }
        guard let letter = text.firstIndex(of: "n") else { return number(text).map { (0, $0) } }
        let head = text[..<letter]
        let step: Int
        switch head {
        case "", "+": step = 1
        case "-": step = -1
        default:
            guard let value = number(String(head)) else { return nil }
            step = value
        }
        let tail = String(text[text.index(after: letter)...]).trimmingSpaces
        if tail.isEmpty { return (step, 0) }
        guard let sign = tail.first, sign == "+" || sign == "-" else { return nil }
        let digits = String(tail.dropFirst()).trimmingSpaces
        guard !digits.isEmpty, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let value = number(digits) else {
            return nil
        }
        return (step, sign == "-" ? -value : value)
    }

    private static func number(_ text: String) -> Int? {
        guard let number = Int(text), abs(number) <= 1_000_000_000 else { return nil }
        return number
    }

    // MARK: words

    private var peek: Unicode.Scalar? { peek(0) }

    private func peek(_ ahead: Int) -> Unicode.Scalar? {
        place + ahead < scalars.count ? scalars[place + ahead] : nil
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" || scalar == "\u{C}"
    }

    /// Comments are space.
    @discardableResult
    private mutating func skipSpace() throws(SelectorError) -> Bool {
        let start = place
        while let next = peek {
            if Self.isSpace(next) {
                place += 1
            } else if next == "/", peek(1) == "*" {
                place += 2
                while !(peek == "*" && peek(1) == "/") {
                    guard peek != nil else { throw error("has a comment that is not closed") }
                    place += 1
                }
                place += 2
            } else {
                break
            }
        }
        return place > start
    }

    private static func isName(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x80 || scalar == "-" || scalar == "_" || 0x30...0x39 ~= scalar.value
            || 0x41...0x5A ~= scalar.value & ~0x20
    }

    private func startsIdentifier(at index: Int) -> Bool {
        guard index < scalars.count else { return false }
        let first = scalars[index]
        if first == "\\" { return index + 1 < scalars.count && scalars[index + 1] != "\n" }
        if first == "-" {
            guard index + 1 < scalars.count else { return false }
            return scalars[index + 1] == "-" || startsIdentifier(at: index + 1)
        }
        return Self.isName(first) && !(0x30...0x39 ~= first.value)
    }

    private mutating func identifier() throws(SelectorError) -> String {
        guard startsIdentifier(at: place) else { throw error("lacks a name there") }
        var name = String.UnicodeScalarView()
        while let next = peek {
            if next == "\\" {
                name.append(try escape())
            } else if Self.isName(next) {
                name.append(next)
                place += 1
            } else {
                break
            }
        }
        return String(name)
    }

    private mutating func escape() throws(SelectorError) -> Unicode.Scalar {
        place += 1
        guard let first = peek else { throw error("ends with a backslash") }
        var value: UInt32 = 0
        var count = 0
        while count < 6, let digit = peek.flatMap({ $0.isASCII ? Character($0).hexDigitValue : nil }) {
            value = value << 4 | UInt32(digit)
            count += 1
            place += 1
        }
        guard count > 0 else {
            place += 1
            return first
        }
        if let next = peek, Self.isSpace(next) { place += 1 }
        return value == 0 ? "\u{FFFD}" : Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    private mutating func string() throws(SelectorError) -> String {
        let quote = peek
        place += 1
        var text = String.UnicodeScalarView()
        while let next = peek {
            if next == quote {
                place += 1
                return String(text)
            }
            if next == "\\" {
                if peek(1) == "\n" { place += 2 } else { text.append(try escape()) }
                continue
            }
            guard next != "\n" else { break }
            text.append(next)
            place += 1
        }
        throw error("has a quote that is not closed")
    }

    private func error(_ reason: String) -> SelectorError { SelectorError(reason, at: place + 1) }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
