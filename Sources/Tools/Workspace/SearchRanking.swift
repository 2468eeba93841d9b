/// The best matches so far; never more than asked for, whatever is found.
struct SearchRanking {
    struct Match {
        let path: String
        let rank: SearchQuery.Rank
        let spread: Int
        let line: Int
        let snippet: String
    }

    let limit: Int
    private(set) var matches: [Match] = []
    /// Whether a match was left out, or a file not opened because no match in its text could have ranked.
    private(set) var isTruncated = false

    init(limit: Int) {
        self.limit = limit
        matches.reserveCapacity(limit + 1)
    }

    /// Whether a hit would be among the best: files come in the order of their paths, so of two equal ones the
    /// earlier stays.
    func admits(_ rank: SearchQuery.Rank, spread: Int) -> Bool {
        guard matches.count == limit, let worst = matches.last else { return true }
        return (rank, spread) < (worst.rank, worst.spread)
    }

    /// Puts a match in its place. Equal ones keep the order in which they came.
    mutating func insert(_ match: Match) {
        let place = matches.firstIndex { (match.rank, match.spread) < ($0.rank, $0.spread) } ?? matches.count
        matches.insert(match, at: place)
        if matches.count > limit {
            matches.removeLast()
            isTruncated = true
        }
    }

    mutating func noteLeftOut() { isTruncated = true }
}
