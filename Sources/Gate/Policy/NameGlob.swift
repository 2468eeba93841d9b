/// The pattern of one name in a path: characters, `*`, `?` and classes.
struct NameGlob: Sendable, Hashable {
    enum Token: Sendable, Hashable {
        case scalar(Unicode.Scalar)
        case any
        /// `*`
        case run
        case oneOf(CharacterClass)
    }

    struct CharacterClass: Sendable, Hashable {
        var isNegated: Bool
        var ranges: [ClosedRange<Unicode.Scalar>]

        /// - Parameter scalar: Folded. A class is written in either case, so both are looked up.
        func contains(_ scalar: Unicode.Scalar) -> Bool {
            let upper = scalar.properties.uppercaseMapping.unicodeScalars.first ?? scalar
            let isListed = ranges.contains { $0.contains(scalar) || $0.contains(upper) }
            return isListed != isNegated
        }
    }

    let tokens: [Token]
    /// The whole name, when it holds nothing but characters.
    let literal: String?
    /// What every match ends with from its last dot on, the dot included: of `*.pem` the `.pem`.
    let fileExtension: String?
    /// The first character of every match, when it is an ASCII one.
    let firstByte: UInt8?

    init(_ text: String) throws(PathPatternError) {
        tokens = try Self.parse(NameGlob.folded(text), original: text)
        let scalars = tokens.map { if case .scalar(let scalar) = $0 { scalar } else { nil as Unicode.Scalar? } }
        literal = scalars.contains(nil) ? nil : Self.text(scalars)
        let tail = scalars.lastIndex(of: ".").map { scalars[$0...] }
        fileExtension = tail.flatMap { $0.contains(nil) ? nil : Self.text($0) }
        firstByte = scalars.first.flatMap { $0 }.flatMap { $0.isASCII ? UInt8($0.value) : nil }
    }

    /// Whether no character is insisted on: stars, question marks and "anything but" classes.
    var saysNothing: Bool {
        tokens.allSatisfy { token in
            switch token {
            case .scalar: false
            case .any, .run: true
            case .oneOf(let set): set.isNegated
            }
        }
    }

    private static func text(_ scalars: some Sequence<Unicode.Scalar?>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.compactMap { $0 })
        return String(text)
    }

    /// - Parameter name: Folded.
    ///
    /// The one place to come back to is behind the last star: a later start for an earlier star never fits more.
    func matches(folded name: String) -> Bool {
        if let literal { return literal == name }
        let scalars = name.unicodeScalars
        var place = scalars.startIndex
        var token = 0
        var retry: (token: Int, place: String.Index)?
        while true {
            if token < tokens.count, tokens[token] == .run {
                token += 1
                retry = (token, place)
                continue
            }
            if place == scalars.endIndex {
                if token == tokens.count { return true }
            } else if token < tokens.count, Self.fits(tokens[token], scalars[place]) {
                token += 1
                place = scalars.index(after: place)
                continue
            }
            guard let last = retry, last.place != scalars.endIndex else { return false }
            token = last.token
            place = scalars.index(after: last.place)
            retry = (token, place)
        }
    }

    private static func fits(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .scalar(let expected): expected == scalar
        case .any: true
        case .run: false
        case .oneOf(let set): set.contains(scalar)
        }
    }
}

extension NameGlob {
    private static func parse(_ text: String, original: String) throws(PathPatternError) -> [Token] {
        var tokens: [Token] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*":
                guard tokens.last != .run else {
                    throw .init("holds '**' inside a name; it must stand alone between slashes")
                }
                tokens.append(.run)
            case "?": tokens.append(.any)
            case "[": tokens.append(.oneOf(try characterClass(&rest)))
            case "{", "}": throw .init("holds braces, which are not supported; write one pattern for each")
            case "\\":
                guard let literal = rest.popFirst() else { throw .init("ends with a backslash") }
                tokens.append(.scalar(literal))
            default: tokens.append(.scalar(scalar))
            }
        }
        return tokens
    }

    private static func characterClass(
        _ rest: inout Substring.UnicodeScalarView
    ) throws(PathPatternError) -> CharacterClass {
        var set = CharacterClass(isNegated: false, ranges: [])
        if let first = rest.first, first == "!" || first == "^" {
            set.isNegated = true
            rest.removeFirst()
        }
        while let low = rest.popFirst() {
            if low == "]", !set.ranges.isEmpty { return set }
            var from = low
            if low == "\\" {
                guard let literal = rest.popFirst() else { break }
                from = literal
            }
            var to = from
            if rest.first == "-", let next = rest.dropFirst().first, next != "]" {
                rest.removeFirst(2)
                to = next
            }
            guard from <= to else { throw .init("holds a class whose range runs backwards") }
            set.ranges.append(from...to)
        }
        throw .init("holds a '[' that is not closed")
    }
}
