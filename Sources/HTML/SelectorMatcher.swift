/// Finds the elements of one document that a selector means.
package struct SelectorMatcher {
    private let document: Document
    /// Asked now and then; what it throws ends the search.
    private let checkTime: () throws -> Void
    private var steps = 0
    /// Places among siblings, by what is counted.
    private var counts: [Selector.Nth: [Document.Index: Int]] = [:]

    /// Steps of one search: nothing that means something comes near.
    private static let stepLimit = 30_000_000

    package init(_ document: Document, checkTime: @escaping () throws -> Void = {}) {
        self.document = document
        self.checkTime = checkTime
    }

    /// - Returns: In the order of the document.
    /// - Throws: ``SelectorTooCostly``, or what `checkTime` throws.
    package mutating func find(_ selector: Selector) throws -> [Document.Index] {
        var found: [Document.Index] = []
        for index in document.descendants(Document.root) where document.isElement(index) {
            if try matches(index, selector) { found.append(index) }
        }
        return found
    }

    private mutating func step() throws {
        steps += 1
        if steps & 0xFFF == 0 { try checkTime() }
        guard steps <= Self.stepLimit else { throw SelectorTooCostly() }
    }

    private mutating func matches(_ index: Document.Index, _ selector: Selector) throws -> Bool {
        for complex in selector.complexes where try matches(index, complex) { return true }
        return false
    }

    private mutating func matches(_ index: Document.Index, _ complex: Selector.Complex) throws -> Bool {
        guard try matches(index, complex.compound) else { return false }
        return try leftMatches(index, complex.left[...], inside: nil)
    }

    /// - Parameter scope: Of `:has`: the element that the leftmost step has to arrive at, and how.
    private mutating func leftMatches(
        _ index: Document.Index, _ left: ArraySlice<Selector.Step>, inside scope: Scope?
    ) throws -> Bool {
        guard let step = left.first else {
            return scope.map { document.isReached($0.element, from: index, by: $0.combinator) } ?? true
        }
        var place = candidate(of: index, step.combinator)
        while let current = place {
            try self.step()
            if try matches(current, step.compound), try leftMatches(current, left.dropFirst(), inside: scope) {
                return true
            }
            switch step.combinator {
            case .child, .next: return false
            case .descendant: place = candidate(of: current, .descendant)
            case .later: place = candidate(of: current, .later)
            }
        }
        return false
    }

    private struct Scope {
        let element: Document.Index
        let combinator: Selector.Combinator
    }

    private func candidate(of index: Document.Index, _ combinator: Selector.Combinator) -> Document.Index? {
        switch combinator {
        case .descendant, .child: document.parent(index).flatMap { document.isElement($0) ? $0 : nil }
        case .next, .later: document.previousElement(index)
        }
    }

    private mutating func matches(_ index: Document.Index, _ compound: Selector.Compound) throws -> Bool {
        try step()
        for test in compound.tests where try !matches(index, test) { return false }
        return true
    }

    private mutating func matches(_ index: Document.Index, _ test: Selector.Test) throws -> Bool {
        switch test {
        case .name(let name): return document.isNamed(name, index)
        case .id(let id): return document.attribute("id", of: index) == id
        case .class(let name): return document.attribute("class", of: index)?.holdsWord(name) ?? false
        case .attribute(let name, let match, let ignoresCase):
            return document.attribute(anyCase: name, of: index).fits(match, ignoresCase: ignoresCase)
        case .isAny(let selector): return try matches(index, selector)
        case .not(let selector): return try !matches(index, selector)
        case .has(let relatives):
            for relative in relatives where try has(index, relative) { return true }
            return false
        case .nth(let nth): return try nth.contains(place(of: index, nth))
        case .empty: return document.isEmpty(index)
        case .root: return document.isRoot(index)
        case .onlyChild: return document.previousElement(index) == nil && document.nextElement(index) == nil
        case .onlyOfType:
            return try place(of: index, .init(step: 0, offset: 1, isOfType: true)) == 1
                && place(of: index, .init(step: 0, offset: 1, isFromEnd: true, isOfType: true)) == 1
        case .contains(let texts, let own):
            let text = own ? document.ownText(of: index) : document.wholeText(of: index)
            steps += text.utf8.count / 64
            return texts.contains { $0.isEmpty || text.contains($0) }
        case .language(let ranges): return document.language(of: index).map { $0.fits(anyOf: ranges) } ?? false
        case .never: return false
        }
    }

    private mutating func has(_ index: Document.Index, _ relative: Selector.Relative) throws -> Bool {
        let scope = Scope(element: index, combinator: relative.combinator)
        for place in document.reach(of: index, relative.combinator)
        where document.isElement(place) {
            if try matches(place, relative.complex.compound),
                try leftMatches(place, relative.complex.left[...], inside: scope)
            {
                return true
            }
        }
        return false
    }

    /// Counted from 1; 0 for an element that is not counted at all.
    private mutating func place(of index: Document.Index, _ nth: Selector.Nth) throws -> Int {
        var key = nth
        (key.step, key.offset) = (0, 0)
        if let known = counts[key]?[index] { return known }
        guard let parent = document.parent(index) else { return 0 }
        var siblings: [Document.Index] = []
        var next = document.firstElement(of: parent)
        while let sibling = next {
            siblings.append(sibling)
            next = document.nextElement(sibling)
        }
        var byName: [String: Int] = [:]
        var count = 0
        for sibling in nth.isFromEnd ? siblings.reversed() : siblings {
            try step()
            if nth.isOfType {
                let name = document.name(sibling)
                byName[name, default: 0] += 1
                counts[key, default: [:]][sibling] = byName[name, default: 0]
            } else {
                let isCounted = try nth.filter.map { try matches(sibling, $0) } ?? true
                if isCounted { count += 1 }
                counts[key, default: [:]][sibling] = isCounted ? count : 0
            }
        }
        return counts[key]?[index] ?? 0
    }
}

/// A selector that takes more steps on this page than any search may.
package struct SelectorTooCostly: Error, Sendable, Hashable {}
