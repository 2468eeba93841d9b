/// A wildcard pattern in the language of `.gitignore`, matched against bytes in time proportional to
/// pattern × text, whatever the pattern: many stars cannot make it slow.
public struct GlobPattern: Sendable, Hashable {
    private enum Step: Sendable, Hashable {
        case byte(UInt8)
        /// `?`: anything but a slash.
        case one
        /// Anything but a slash that is (or is not) in the set.
        case oneOf(ByteSet, isNegated: Bool)
        /// `*`: any run without a slash.
        case run
        /// `**` that stands alone between slashes: any run.
        case anyRun
        /// `**/`: nothing, or any run and a slash.
        case anyFolders
    }

    private let steps: [Step]

    /// `nil` for a pattern that git matches with nothing: an open class, a backslash at the end.
    public init?(_ pattern: ArraySlice<UInt8>) {
        var steps: [Step] = []
        var index = pattern.startIndex
        while index < pattern.endIndex {
            switch pattern[index] {
            case UInt8(ascii: "\\"):
                index += 1
                guard index < pattern.endIndex else { return nil }
                steps.append(.byte(pattern[index]))
                index += 1
            case UInt8(ascii: "?"):
                steps.append(.one)
                index += 1
            case UInt8(ascii: "*"):
                steps.append(Self.stars(in: pattern, at: &index))
            case UInt8(ascii: "["):
                guard let step = Self.bracket(in: pattern, at: &index) else { return nil }
                steps.append(step)
            case let byte:
                steps.append(.byte(byte))
                index += 1
            }
        }
        self.steps = steps
    }

    private static func stars(in pattern: ArraySlice<UInt8>, at index: inout Int) -> Step {
        let start = index
        while index < pattern.endIndex, pattern[index] == UInt8(ascii: "*") { index += 1 }
        guard index - start > 1, start == pattern.startIndex || pattern[start - 1] == UInt8(ascii: "/") else {
            return .run
        }
        guard index < pattern.endIndex else { return .anyRun }
        guard pattern[index] == UInt8(ascii: "/") else { return .run }
        index += 1
        return .anyFolders
    }

    private static func bracket(in pattern: ArraySlice<UInt8>, at index: inout Int) -> Step? {
        var place = index + 1
        var isNegated = false
        if place < pattern.endIndex, pattern[place] == UInt8(ascii: "!") || pattern[place] == UInt8(ascii: "^") {
            isNegated = true
            place += 1
        }
        var set = ByteSet()
        var previous: UInt8?
        var isFirst = true
        while true {
            guard place < pattern.endIndex else { return nil }
            var byte = pattern[place]
            if byte == UInt8(ascii: "]"), !isFirst { break }
            isFirst = false
            if byte == UInt8(ascii: "["), place + 1 < pattern.endIndex, pattern[place + 1] == UInt8(ascii: ":") {
                switch namedClass(in: pattern, at: &place) {
                case .known(let members):
                    set.formUnion(members)
                    previous = nil
                    continue
                case .unknown: return nil
                case .literal: break
                }
            }
            if byte == UInt8(ascii: "-"), let low = previous, place + 1 < pattern.endIndex,
                pattern[place + 1] != UInt8(ascii: "]")
            {
                place += 1
                byte = pattern[place]
                if byte == UInt8(ascii: "\\") {
                    place += 1
                    guard place < pattern.endIndex else { return nil }
                    byte = pattern[place]
                }
                if low <= byte { for member in low...byte { set.insert(member) } }
                previous = nil
            } else {
                if byte == UInt8(ascii: "\\") {
                    place += 1
                    guard place < pattern.endIndex else { return nil }
                    byte = pattern[place]
                }
                set.insert(byte)
                previous = byte
            }
            place += 1
        }
        index = place + 1
        return .oneOf(set, isNegated: isNegated)
    }

    private enum NamedClass {
        case known(ByteSet)
        case unknown
        /// No `[:name:]` at all, so the bracket stands for itself.
        case literal
    }

    private static func namedClass(in pattern: ArraySlice<UInt8>, at place: inout Int) -> NamedClass {
        let start = place + 2
        guard let close = pattern[start...].firstIndex(of: UInt8(ascii: "]")) else { return .unknown }
        guard close > start, pattern[close - 1] == UInt8(ascii: ":") else { return .literal }
        guard let members = ByteSet(className: String(decoding: pattern[start..<close - 1], as: UTF8.self)) else {
            return .unknown
        }
        place = close + 1
        return .known(members)
    }

    /// Whether the whole of `text` matches. Keeps the set of places in the pattern that the text so far can have
    /// reached, so nothing is ever tried twice.
    public func matches(_ text: ArraySlice<UInt8>) -> Bool {
        var reached = [Bool](repeating: false, count: steps.count + 1)
        var next = reached
        reached[0] = true
        skipEmpty(&reached)
        for byte in text {
            for place in next.indices { next[place] = false }
            var isAlive = false
            for (place, step) in steps.enumerated() where reached[place] {
                switch step {
                case .byte(let expected): if byte == expected { next[place + 1] = true }
                case .one: if byte != UInt8(ascii: "/") { next[place + 1] = true }
                case .oneOf(let set, let isNegated):
                    if byte != UInt8(ascii: "/"), set.contains(byte) != isNegated { next[place + 1] = true }
                case .run: if byte != UInt8(ascii: "/") { next[place] = true }
                case .anyRun: next[place] = true
                case .anyFolders:
                    next[place] = true
                    if byte == UInt8(ascii: "/") { next[place + 1] = true }
                }
                isAlive = isAlive || next[place] || next[place + 1]
            }
            guard isAlive else { return false }
            // `**/` may be left without a byte only where it was entered, not from within a folder's name.
            skipEmpty(&next, from: reached)
            swap(&reached, &next)
        }
        return reached[steps.count]
    }

    /// Steps that may stand for nothing are passed.
    private func skipEmpty(_ reached: inout [Bool], from before: [Bool]? = nil) {
        for (place, step) in steps.enumerated() where reached[place] {
            switch step {
            case .run, .anyRun: reached[place + 1] = true
            case .anyFolders: if before?[place] != true { reached[place + 1] = true }
            default: continue
            }
        }
    }
}
