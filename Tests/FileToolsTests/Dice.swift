/// Random numbers that a printed seed brings back (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// Lines of a text; `variety` says how often they repeat.
    mutating func lines(_ count: Int, variety: Int, tag: String = "") -> [String] {
        (0..<count).map { _ in line(variety: variety, tag: tag) }
    }

    mutating func line(variety: Int, tag: String) -> String {
        let number = Int.random(in: 0..<variety, using: &self)
        return number == 0
            ? "" : ["alpha", "beta", "-", "+ x", "\\ No", "@@ -1 +1 @@", "--- a"][number % 7] + " \(number)\(tag)"
    }

    /// The same lines after some edits.
    mutating func edited(_ lines: [String], variety: Int, tag: String = "") -> [String] {
        var lines = lines
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = Int.random(in: 0...lines.count, using: &self)
            let length = min(Int.random(in: 0...3, using: &self), lines.count - place)
            let count = Int.random(in: 0...3, using: &self)
            lines.replaceSubrange(place..<place + length, with: self.lines(count, variety: variety, tag: tag))
        }
        return lines
    }
}

/// How lines become a file.
struct LineStyle {
    var end: String
    var endsWithNewline: Bool

    init(_ dice: inout Dice) {
        end = dice.chance(15) ? "\r\n" : "\n"
        endsWithNewline = dice.chance(85)
    }

    func text(_ lines: [String]) -> String {
        lines.joined(separator: end) + (endsWithNewline && !lines.isEmpty ? end : "")
    }
}
