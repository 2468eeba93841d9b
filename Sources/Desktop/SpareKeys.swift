/// Keys that nothing is on, and what was put on them to be typed.
///
/// A character that no key has is put on a spare one and stays there: a program that is slow to look up what a key means
/// still finds it. Putting each on the same key, just before it is pressed, loses every one of which the program learns too
/// late.
struct SpareKeys: Sendable {
    /// In the order of their last use, the oldest first.
    private var keys: [(code: Int, scalar: Unicode.Scalar?)]

    /// - Parameter codes: Of keys that nothing is on.
    init(_ codes: [Int]) { keys = codes.map { ($0, nil) } }

    /// Reads `xmodmap -pke`: lines such as `keycode  93 =`.
    init(listing: String) {
        self.init(
            listing.split(separator: "\n").compactMap { line in
                let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, sides[1].allSatisfy(\.isWhitespace) else { return nil }
                let words = sides[0].split(separator: " ")
                guard words.count == 2, words[0] == "keycode", let code = Int(words[1]), 9...255 ~= code else {
                    return nil
                }
                return code
            })
    }

    var count: Int { keys.count }

    var used: [Int] { keys.filter { $0.scalar != nil }.map(\.code) }

    var free: [Int] { keys.filter { $0.scalar == nil }.map(\.code) }

    func code(of scalar: Unicode.Scalar) -> Int? { keys.first { $0.scalar == scalar }?.code }

    /// Makes room for these characters, at most ``count``.
    ///
    /// - Returns: What has to be put where, and whether something else was there.
    mutating func place(_ scalars: [Unicode.Scalar]) -> (
        changes: [(code: Int, scalar: Unicode.Scalar)], takesOver: Bool
    ) {
        for scalar in scalars {
            guard let place = keys.firstIndex(where: { $0.scalar == scalar }) else { continue }
            keys.append(keys.remove(at: place))
        }
        var changes: [(code: Int, scalar: Unicode.Scalar)] = []
        var takesOver = false
        for scalar in scalars where code(of: scalar) == nil {
            let place = keys.firstIndex { $0.scalar == nil } ?? 0
            let key = keys.remove(at: place)
            takesOver = takesOver || key.scalar != nil
            keys.append((key.code, scalar))
            changes.append((key.code, scalar))
        }
        return (changes, takesOver)
    }
}
