package import ToolKit

/// What cannot be taken back, and is counted beside steps and retries.
package enum BudgetItem: String, Sendable, Hashable, CaseIterable {
    /// Files that a call deletes or gives another name.
    case deletions
    /// Contents that a call brings into files.
    case bytesWritten = "bytes_written"
    /// Programs that may write to the workspace.
    case writeCommands = "write_commands"
    /// Requests that leave this machine.
    case externalRequests = "external_requests"

    /// The largest limit that anybody may set.
    package var bound: Int { self == .bytesWritten ? 1 << 40 : 1_000_000 }

    package var spokenName: String {
        switch self {
        case .deletions: "deletions"
        case .bytesWritten: "bytes written"
        case .writeCommands: "commands with write access"
        case .externalRequests: "external requests"
        }
    }
}

/// An amount of each.
package struct BudgetCost: Sendable, Hashable {
    package var deletions: Int
    package var bytesWritten: Int
    package var writeCommands: Int
    package var externalRequests: Int

    package init(deletions: Int = 0, bytesWritten: Int = 0, writeCommands: Int = 0, externalRequests: Int = 0) {
        self.deletions = deletions
        self.bytesWritten = bytesWritten
        self.writeCommands = writeCommands
        self.externalRequests = externalRequests
    }

    package static let nothing = BudgetCost()

    package subscript(item: BudgetItem) -> Int {
        get {
            switch item {
            case .deletions: deletions
            case .bytesWritten: bytesWritten
            case .writeCommands: writeCommands
            case .externalRequests: externalRequests
            }
        }
        set {
            switch item {
            case .deletions: deletions = newValue
            case .bytesWritten: bytesWritten = newValue
            case .writeCommands: writeCommands = newValue
            case .externalRequests: externalRequests = newValue
            }
        }
    }

    /// Sums stop at the largest number there is.
    package func adding(_ other: BudgetCost) -> BudgetCost { combined(other) { $0.addingReportingOverflow($1) } }

    /// Never below nothing.
    package func removing(_ other: BudgetCost) -> BudgetCost { combined(other) { (max(0, $0 - $1), false) } }

    private func combined(
        _ other: BudgetCost, _ operation: (Int, Int) -> (partialValue: Int, overflow: Bool)
    ) -> BudgetCost {
        var result = self
        for item in BudgetItem.allCases {
            let value = operation(self[item], other[item])
            result[item] = value.overflow ? .max : value.partialValue
        }
        return result
    }
}

/// How much of each is allowed without a person; `nil` for as much as one likes.
package struct Budgets: Sendable, Hashable {
    private var limits: [BudgetItem: Int]

    package init(_ limits: [BudgetItem: Int] = [:]) { self.limits = limits }

    package subscript(item: BudgetItem) -> Int? { limits[item] }

    package var isEmpty: Bool { limits.isEmpty }

    /// No limits: what a principal does in a day is nobody's business but the operator's, who sets them.
    package static let none = Budgets()

    /// Of one task. Far above what a task of fifty steps does in earnest, and below what nobody could mend by hand.
    package static let task = Budgets([
        .deletions: 50, .bytesWritten: 67_108_864, .writeCommands: 100, .externalRequests: 200,
    ])

    /// - Parameter defaults: Of members that are left out; `null` is no limit.
    /// - Throws: ``ArgumentProblems`` naming every member that is wrong; an empty name stands for the whole.
    package init(_ json: JSONValue, defaults: Budgets) throws(ArgumentProblems) {
        guard let members = json.objectValue else {
            throw ArgumentProblems([
                ArgumentProblem(field: "", reason: "must be an object, not \(json.kindName)")
            ])
        }
        var limits = defaults.limits
        var problems: [ArgumentProblem] = []
        let known = BudgetItem.allCases.map(\.rawValue)
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where problems.count < ArgumentProblems.limit {
            guard let item = BudgetItem(rawValue: name) else {
                let shown = String(name.prefix(64))
                let guess = Spelling.nearest(to: shown, among: known).map { "did you mean \"\($0)\"?" }
                problems.append(
                    ArgumentProblem(
                        field: shown, reason: "is unknown; \(guess ?? "known are \(known.joined(separator: ", "))")"))
                continue
            }
            guard value != .null else {
                limits[item] = nil
                continue
            }
            guard let limit = value.integerValue, 0...item.bound ~= limit else {
                problems.append(
                    ArgumentProblem(
                        field: name, reason: "must be an integer from 0 to \(item.bound), or null for no limit"))
                continue
            }
            limits[item] = limit
        }
        guard problems.isEmpty else { throw ArgumentProblems(problems) }
        self.limits = limits
    }

    package var json: JSONValue {
        .object(Dictionary(uniqueKeysWithValues: BudgetItem.allCases.map { ($0.rawValue, JSONValue(limits[$0])) }))
    }
}
