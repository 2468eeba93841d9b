/// Finds the places of hunks in the lines of one file, from its start to its end.
struct HunkPlacement {
    let lines: [ArraySlice<UInt8>]
    /// Lines before this one are taken by earlier hunks.
    private(set) var floor = 0
    /// How far the hunk before lay from where it stated.
    private var shift = 0
    /// Comparisons of lines that are left: neither a file of a million equal lines nor a patch of a hundred thousand
    /// hunks costs more than seconds.
    private var budget = 200_000_000

    init(lines: [ArraySlice<UInt8>]) { self.lines = lines }

    struct Misfit: Error {
        let text: String
    }

    /// Where the hunk's old lines begin, counted from 0; the lines count as taken then.
    mutating func place(_ hunk: Hunk) -> Result<Int, Misfit> {
        let last = lines.count - hunk.old.count
        guard floor <= last else {
            return .failure(Misfit(text: "the file has not that many lines"))
        }
        let stated = hunk.statedIndex + shift
        let found: Int?
        if hunk.old.isEmpty, stated != last {
            // Without one old line nothing tells where it belongs but its number, and that must then be the end.
            found = nil
        } else if hunk.isAnchoredAtStart {
            let fits = floor == 0 && (!hunk.isAnchoredAtEnd || last == 0)
            found = fits && matches(hunk.old, at: 0) ? 0 : nil
        } else if hunk.isAnchoredAtEnd {
            found = matches(hunk.old, at: last) ? last : nil
        } else if floor...last ~= stated, matches(hunk.old, at: stated) {
            found = stated
        } else {
            found = nearest(hunk.old, to: stated)
        }
        guard budget > 0 else {
            return .failure(Misfit(text: "finding its place among so many similar lines takes too long"))
        }
        guard let found else { return .failure(misfit(of: hunk, stated: stated)) }
        floor = found + hunk.old.count
        shift = found - hunk.statedIndex
        return .success(found)
    }

    private mutating func matches(_ old: [ArraySlice<UInt8>], at position: Int) -> Bool {
        guard position >= floor, position + old.count <= lines.count else { return false }
        for (index, line) in old.enumerated() {
            budget -= 1
            guard line == lines[position + index] else { return false }
        }
        return true
    }

    /// The match nearest to `stated`, the later one of two equally near: one pass over the lines, however similar
    /// they are (Knuth, Morris, Pratt).
    private mutating func nearest(_ old: [ArraySlice<UInt8>], to stated: Int) -> Int? {
        let borders = borders(of: old)
        var best: Int?
        var matched = 0
        for index in floor..<lines.count {
            while matched > 0, !equal(lines[index], old[matched]) { matched = borders[matched - 1] }
            if equal(lines[index], old[matched]) { matched += 1 }
            guard matched == old.count else { continue }
            let position = index + 1 - matched
            matched = borders[matched - 1]
            if let nearest = best, abs(position - stated) > abs(nearest - stated) { break }
            best = position
        }
        return best
    }

    /// For each prefix of the pattern, how long its longest proper border is.
    private mutating func borders(of old: [ArraySlice<UInt8>]) -> [Int] {
        var borders = [Int](repeating: 0, count: old.count)
        var length = 0
        for index in old.indices.dropFirst() {
            while length > 0, !equal(old[index], old[length]) { length = borders[length - 1] }
            if equal(old[index], old[length]) { length += 1 }
            borders[index] = length
        }
        return borders
    }

    private mutating func equal(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        budget -= 1
        return left == right
    }

    private mutating func misfit(of hunk: Hunk, stated: Int) -> Misfit {
        if hunk.old.isEmpty {
            return Misfit(text: "it has no context, so nothing shows where it belongs")
        }
        if !hunk.new.isEmpty, matches(hunk.new, at: stated) {
            return Misfit(text: "its new lines are there already")
        }
        if hunk.isAnchoredAtStart {
            return Misfit(text: "it states line \(hunk.oldStart), and the start of the file is different")
        }
        if hunk.isAnchoredAtEnd {
            return Misfit(text: "no context follows its last change, so it must fit at the end of the file")
        }
        return Misfit(text: "its old lines are nowhere in the rest of the file")
    }
}
