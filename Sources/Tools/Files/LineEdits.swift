/// A range of old lines that a range of new lines takes the place of.
struct LineEdit: Sendable, Hashable {
    var old: Range<Int>
    var new: Range<Int>
}

/// What changes one list of lines into another (Myers, "An O(ND) Difference Algorithm").
enum LineEdits {
    /// Fewest edits while at most `limit` lines differ; beyond, everything between the first and the last difference
    /// counts as one edit: correct as well, only longer to read.
    static func between(
        _ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>], limit: Int = 800
    ) -> [LineEdit] {
        var head = 0
        while head < old.count, head < new.count, old[head] == new[head] { head += 1 }
        var tail = 0
        while tail < old.count - head, tail < new.count - head,
            old[old.count - 1 - tail] == new[new.count - 1 - tail]
        {
            tail += 1
        }
        let left = Array(old[head..<old.count - tail])
        let right = Array(new[head..<new.count - tail])
        if left.isEmpty && right.isEmpty { return [] }
        let inner = shortest(left, right, limit: limit) ?? [LineEdit(old: 0..<left.count, new: 0..<right.count)]
        return inner.map { edit in
            LineEdit(
                old: edit.old.lowerBound + head..<edit.old.upperBound + head,
                new: edit.new.lowerBound + head..<edit.new.upperBound + head)
        }
    }

    /// `nil` when more than `limit` lines differ.
    private static func shortest(
        _ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>], limit: Int
    ) -> [LineEdit]? {
        let reach = min(limit, old.count + new.count)
        // furthest[k + reach + 1] is how far into `old` a path on diagonal k gets.
        var furthest = [Int](repeating: 0, count: 2 * reach + 3)
        var history: [[Int]] = []
        for distance in 0...reach {
            history.append(Array(furthest[(reach + 1 - distance)...(reach + 1 + distance)]))
            for diagonal in stride(from: -distance, through: distance, by: 2) {
                let place = diagonal + reach + 1
                let goesDown =
                    diagonal == -distance || (diagonal != distance && furthest[place - 1] < furthest[place + 1])
                var x = goesDown ? furthest[place + 1] : furthest[place - 1] + 1
                while x < old.count, x - diagonal < new.count, old[x] == new[x - diagonal] { x += 1 }
                furthest[place] = x
                if x >= old.count, x - diagonal >= new.count { return trace(history, old.count, new.count) }
            }
        }
        return nil
    }

    /// Walks the paths back from the end. `history[d]` holds the diagonals -d...d as they were before round d.
    private static func trace(_ history: [[Int]], _ oldCount: Int, _ newCount: Int) -> [LineEdit] {
        var edits: [LineEdit] = []
        var x = oldCount
        var y = newCount
        for distance in stride(from: history.count - 1, to: 0, by: -1) {
            let furthest = history[distance]
            let diagonal = x - y
            func reached(_ diagonal: Int) -> Int { furthest[diagonal + distance] }
            let goesDown =
                diagonal == -distance || (diagonal != distance && reached(diagonal - 1) < reached(diagonal + 1))
            let previous = goesDown ? diagonal + 1 : diagonal - 1
            let fromX = reached(previous)
            let fromY = fromX - previous
            let edit =
                goesDown
                ? LineEdit(old: fromX..<fromX, new: fromY..<fromY + 1)
                : LineEdit(old: fromX..<fromX + 1, new: fromY..<fromY)
            if let next = edits.last, next.old.lowerBound == edit.old.upperBound,
                next.new.lowerBound == edit.new.upperBound
            {
                edits[edits.count - 1] = LineEdit(
                    old: edit.old.lowerBound..<next.old.upperBound, new: edit.new.lowerBound..<next.new.upperBound)
            } else {
                edits.append(edit)
            }
            x = fromX
            y = fromY
        }
        return edits.reversed()
    }
}
