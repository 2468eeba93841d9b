internal import ToolKit

/// The order in which the groups of a commit are put in place.
///
/// A content that moves (a rename is a write `like` its source) arrives before its source goes, so that a crash in
/// between leaves it twice and never nowhere. Where files change names in a circle no order does that.
struct CommitOrder {
    /// Numbers of the groups.
    private(set) var order: [Int] = []
    /// Whether contents move in a circle.
    private(set) var hasCircle = false
    private var states: [State]

    private enum State {
        case untouched
        case underWay
        case done
    }

    init(_ groups: [CommitGroup], _ changes: [FileChange]) {
        states = Array(repeating: .untouched, count: groups.count)
        var readers: [WorkspacePath: [Int]] = [:]
        for (number, group) in groups.enumerated() {
            for member in group.members {
                if case .like(let source, _) = changes[member].mode { readers[source, default: []].append(number) }
            }
        }
        for number in groups.indices { place(number, groups, changes, readers) }
    }

    /// Depth first, with a stack of its own: a chain of renames may be as long as the commit.
    private mutating func place(
        _ first: Int, _ groups: [CommitGroup], _ changes: [FileChange], _ readers: [WorkspacePath: [Int]]
    ) {
        var stack = [first]
        while let number = stack.last {
            switch states[number] {
            case .done: stack.removeLast()
            case .underWay:
                states[number] = .done
                order.append(number)
                stack.removeLast()
            case .untouched:
                states[number] = .underWay
                // What one rename moves within a group is never in two places at once.
                for reader in groups[number].members.flatMap({ readers[changes[$0].path] ?? [] }) where reader != number
                {
                    switch states[reader] {
                    case .untouched: stack.append(reader)
                    case .underWay: hasCircle = true
                    case .done: break
                    }
                }
            }
        }
    }
}
