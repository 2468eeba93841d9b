/// Finds any of several byte strings in one pass that looks at a fraction of the bytes: the last two bytes of a window as
/// long as the shortest pattern tell how far the window may move.
struct PatternSearch: Sendable {
    private let patterns: [[UInt8]]
    private let shortest: Int
    /// By the hash of two bytes.
    private let moves: [UInt8]
    /// The patterns whose window ends with two bytes of this hash.
    private let ends: [Int: [Int]]

    /// Of the longest pattern, in bytes.
    let longest: Int

    /// - Parameter patterns: Each at least two bytes long.
    init(_ patterns: [[UInt8]]) {
        self.patterns = patterns
        longest = patterns.map(\.count).max() ?? 0
        let shortest = min(patterns.map(\.count).min() ?? 2, 255)
        self.shortest = shortest
        var moves = [UInt8](repeating: UInt8(shortest - 1), count: Self.slots)
        var ends: [Int: [Int]] = [:]
        for (number, pattern) in patterns.enumerated() {
            for place in 1..<shortest {
                let slot = Self.slot(pattern[place - 1], pattern[place])
                moves[slot] = min(moves[slot], UInt8(shortest - 1 - place))
                if place == shortest - 1 { ends[slot, default: []].append(number) }
            }
        }
        self.moves = moves
        self.ends = ends
    }

    private static let slots = 4_096

    private static func slot(_ first: UInt8, _ second: UInt8) -> Int {
        (Int(first) << 5 ^ Int(second)) & (slots - 1)
    }

    /// Calls back for every place where a pattern stands, in the order of their beginnings' windows.
    func find(in bytes: UnsafeRawBufferPointer, _ found: (_ pattern: Int, _ place: Range<Int>) -> Void) {
        guard !patterns.isEmpty, bytes.count >= shortest else { return }
        moves.withUnsafeBufferPointer { moves in
            var last = shortest - 1
            while last < bytes.count {
                let slot = Self.slot(bytes[last - 1], bytes[last])
                let move = Int(moves[slot])
                guard move == 0 else {
                    last += move
                    continue
                }
                let start = last - shortest + 1
                for number in ends[slot] ?? [] where stands(patterns[number], at: start, in: bytes) {
                    found(number, start..<start + patterns[number].count)
                }
                last += 1
            }
        }
    }

    private func stands(_ pattern: [UInt8], at start: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard start + pattern.count <= bytes.count else { return false }
        for offset in pattern.indices where bytes[start + offset] != pattern[offset] { return false }
        return true
    }
}
