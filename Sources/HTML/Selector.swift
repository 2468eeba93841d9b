/// A group of CSS selectors, read once and asked of many elements.
///
/// Level 3, and of level 4 what pages need: `:is`, `:where`, `:not` and `:has` with lists, `:nth-child(… of …)`, `i` and
/// `s` behind attributes, states of forms, `:lang`; `:-soup-contains` and `[a!=b]` besides, as soupsieve has them.
package struct Selector: Sendable, Hashable {
    /// `a > b c` from the right: what an element is, and what stands to its left.
    struct Complex: Sendable, Hashable {
        var compound: Compound
        /// The nearest first.
        var left: [Step] = []
    }

    struct Step: Sendable, Hashable {
        var combinator: Combinator
        var compound: Compound
    }

    enum Combinator: Sendable, Hashable {
        case descendant
        case child
        /// `+`
        case next
        /// `~`
        case later
    }

    struct Compound: Sendable, Hashable {
        var tests: [Test] = []
    }

    /// Of `:has`: from an element on, the first step says where to look.
    struct Relative: Sendable, Hashable {
        var combinator: Combinator
        var complex: Complex
    }

    struct Nth: Sendable, Hashable {
        var step: Int
        var offset: Int
        var isFromEnd = false
        var isOfType = false
        var filter: Selector?

        /// - Parameter place: Counted from 1; 0 is no place.
        func contains(_ place: Int) -> Bool {
            guard place > 0 else { return false }
            let distance = place - offset
            return step == 0 ? distance == 0 : distance % step == 0 && distance / step >= 0
        }
    }

    enum AttributeMatch: Sendable, Hashable {
        case exists
        case equals(String)
        case differs(String)
        case word(String)
        case dashed(String)
        case prefix(String)
        case suffix(String)
        case infix(String)
    }

    indirect enum Test: Sendable, Hashable {
        case name(String)
        case id(String)
        case `class`(String)
        case attribute(name: String, AttributeMatch, ignoresCase: Bool)
        case isAny(Selector)
        case not(Selector)
        case has([Relative])
        /// Shared by its number, so that counting is done once.
        case nth(Nth)
        case empty
        case root
        case onlyChild
        case onlyOfType
        case contains([String], own: Bool)
        case language([String])
        case never
    }

    var complexes: [Complex]

    static let lengthLimit = 4_096
    static let depthLimit = 8
    static let partLimit = 512

    /// - Throws: ``SelectorError`` with the place of what is wrong.
    package init(_ text: String) throws(SelectorError) {
        guard text.utf8.count <= Self.lengthLimit else {
            throw SelectorError("is longer than \(Self.lengthLimit) bytes", at: nil)
        }
        var parser = SelectorParser(text)
        self = try parser.whole()
    }

    init(complexes: [Complex]) { self.complexes = complexes }
}

/// Why a text is no selector.
package struct SelectorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A clause that follows "the selector".
    package let reason: String
    /// Counted from 1, in characters.
    package let position: Int?

    init(_ reason: String, at position: Int?) {
        self.reason = reason
        self.position = position
    }

    package var description: String { position.map { "\(reason) (at character \($0))" } ?? reason }
}
