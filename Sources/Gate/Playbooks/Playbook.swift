package import ToolKit

/// Steps that are worth doing again, under a name: a task that waits for its variables.
package struct Playbook: Sendable, Hashable {
    /// `pb_…`
    package let id: String
    package let definition: PlaybookDefinition
    package let createdBy: String
    /// Unix seconds.
    package let createdAt: Double
    package let updatedAt: Double
    /// Comes with the daemon, and cannot be deleted.
    package let isBuiltIn: Bool

    package init(
        id: String, definition: PlaybookDefinition, createdBy: String, createdAt: Double, updatedAt: Double? = nil,
        isBuiltIn: Bool = false
    ) {
        self.id = id
        self.definition = definition
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
        self.isBuiltIn = isBuiltIn
    }
}

/// What a person writes: all of a playbook that is imported and exported.
package struct PlaybookDefinition: Sendable, Hashable {
    package var name: String
    package var description: String
    package var category: String
    package var tags: [String]
    /// Declared and derived ones: every `{name}` of a step is in here.
    package var variables: [String: PlaybookVariable]
    package var steps: [Step]

    package struct Step: Sendable, Hashable {
        /// Canonical where the tool is known.
        package var toolName: String
        /// As they were written, with their variables.
        package var arguments: [String: JSONValue]
        package var description: String
        package var retriesOnFailure: Bool
        /// 0…100; counts only with ``retriesOnFailure``.
        package var maxRetries: Int
        /// What has to be true after the call; read by the task that runs it.
        package var expect: JSONValue?

        package init(
            toolName: String, arguments: [String: JSONValue], description: String = "", retriesOnFailure: Bool = false,
            maxRetries: Int = PlaybookLimits.defaultRetries, expect: JSONValue? = nil
        ) {
            self.toolName = toolName
            self.arguments = arguments
            self.description = description
            self.retriesOnFailure = retriesOnFailure
            self.maxRetries = maxRetries
            self.expect = expect
        }
    }

    package init(
        name: String, description: String = "", category: String = PlaybookLimits.defaultCategory, tags: [String] = [],
        variables: [String: PlaybookVariable] = [:], steps: [Step]
    ) {
        self.name = name
        self.description = description
        self.category = category
        self.tags = tags
        self.variables = variables
        self.steps = steps
    }
}

/// Bounds of what a person may write. Sizes in bytes of UTF-8.
package enum PlaybookLimits {
    package static let steps = 200
    package static let variables = 50
    package static let tags = 20
    package static let tagSize = 40
    package static let nameSize = 100
    package static let categorySize = 64
    package static let descriptionSize = 2_000
    /// Levels of lists and objects in an argument.
    package static let depth = 8
    /// Of the name of a variable, and of a member inside an argument.
    package static let memberSize = 64
    /// Of one playbook, as it is kept.
    package static let size = 65_536
    /// Of the arguments of all steps, with their variables filled in.
    package static let filledSize = 8 << 20
    package static let retries = 0...100
    package static let defaultRetries = 3
    package static let defaultCategory = "general"
    /// Of all that are kept; those that come with the daemon are not counted.
    package static let playbooks = 500
    package static let totalSize = 4 << 20
}

/// How often a playbook was run, and how that went. A run counts when it has ended.
package struct PlaybookStatistics: Sendable, Hashable {
    package var successes = 0
    package var failures = 0
    /// Unix seconds.
    package var lastRunAt: Double?
    /// Of all runs together, in milliseconds.
    package var totalMilliseconds = 0.0

    package init() {}

    package var runs: Int { successes + failures }

    /// What it is ranked by: the share of successes, with one of each thrown in, so that one lucky run does not stand
    /// above twenty good ones.
    package var score: Double { Double(successes + 1) / Double(runs + 2) }

    package mutating func count(isSuccess: Bool, milliseconds: Double, endedAt wall: Double) {
        if isSuccess { successes += 1 } else { failures += 1 }
        lastRunAt = max(lastRunAt ?? wall, wall)
        totalMilliseconds += max(0, milliseconds)
    }

    package var json: JSONValue {
        [
            "runs": .integer(runs), "successes": .integer(successes), "failures": .integer(failures),
            "success_rate": runs == 0 ? .null : .number(Double(successes) / Double(runs)),
            "last_run_at": lastRunAt.map(JSONValue.number) ?? .null,
            "average_duration_ms": runs == 0 ? .null : .number(totalMilliseconds / Double(runs)),
        ]
    }
}
