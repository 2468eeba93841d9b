/// Finds what somebody probably meant.
public enum Spelling {
    /// The candidate with the smallest edit distance, when that is small enough for a typing error.
    public static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
        let typed = Array(text.lowercased().utf8.prefix(64))
        let allowed = max(1, typed.count / 3)
        return candidates.lazy
            .map { (candidate: $0, distance: distance(typed, Array($0.lowercased().utf8))) }
            .filter { $0.distance <= allowed }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
            .candidate
    }

    /// Levenshtein's distance over bytes, one row at a time.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (leftIndex, leftByte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = leftIndex + 1
            for (rightIndex, rightByte) in right.enumerated() {
                let substitution = diagonal + (leftByte == rightByte ? 0 : 1)
                diagonal = row[rightIndex + 1]
                row[rightIndex + 1] = min(substitution, diagonal + 1, row[rightIndex] + 1)
            }
        }
        return row[right.count]
    }
}
