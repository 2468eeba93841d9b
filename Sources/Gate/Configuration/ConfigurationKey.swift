package import ToolKit

/// One key of the configuration: its type, bounds and meaning. Loading, PATCH, the answer of `/config` and the
/// documentation read this table.
package struct ConfigurationKey: Sendable {
    package let name: String
    package let description: String
    let kind: Kind

    enum Kind: Sendable {
        case boolean(any WritableKeyPath<Configuration, Bool> & Sendable)
        case integer(any WritableKeyPath<Configuration, Int> & Sendable, ClosedRange<Int>)
        case approvalMode
        /// One line of at most 200 bytes that is part of a commit's author, or nothing.
        case authorPart(any WritableKeyPath<Configuration, String> & Sendable)
        /// An object of limits; a member that is left out has its default, `null` is no limit.
        case budgets(any WritableKeyPath<Configuration, Budgets> & Sendable)
        /// An object of tool names and booleans; loaded by ``ConfigurationDecoder``, changed tool by tool.
        case toolSwitches
        /// An object; see ``PlannerSettings``.
        case planner
        /// An object of objects; see ``ConsultProviders``.
        case providers
    }

    package static let all: [ConfigurationKey] = [
        ConfigurationKey(
            "tool_enabled", .toolSwitches,
            "Tools switched on or off by name; a tool that is not listed keeps its own default"),
        ConfigurationKey(
            "approval_mode", .approvalMode,
            "Whether calls of risky tools need an approval beyond those that the policy asks for"),
        ConfigurationKey(
            "require_approval_for_risky", .boolean(\.requireApprovalForRisky),
            "With approval_mode require_approval: calls of medium and high risk need one"),
        ConfigurationKey(
            "max_steps_per_run", .integer(\.maxStepsPerRun, 1...10_000), "Steps that one run of a task may take"),
        ConfigurationKey(
            "max_retries_per_tool", .integer(\.maxRetriesPerTool, 0...100),
            "How often a step of a task is tried again after a failure"),
        ConfigurationKey(
            "dry_run_default", .boolean(\.dryRunDefault), "Whether a call that does not say so is a dry run"),
        ConfigurationKey(
            "approval_strict", .boolean(\.approvalStrict),
            "Refuses approvals that are not bound to exact arguments"),
        ConfigurationKey(
            "approval_self", .boolean(\.approvalSelf),
            "Whether somebody may approve a call of their own, operators included"),
        ConfigurationKey(
            "inbox_ttl_seconds", .integer(\.inboxTTLSeconds, 60...31_536_000),
            "How long a request waits for a decision, in seconds"),
        ConfigurationKey(
            "effect_ttl_seconds", .integer(\.effectTTLSeconds, 60...604_800),
            "How long the effect of a preview can be applied, in seconds"),
        ConfigurationKey(
            "effects_per_principal", .integer(\.effectsPerPrincipal, 1...10_000),
            "How many previews of one token wait at most; the oldest give way, a tenth at once"),
        ConfigurationKey(
            "effect_storage_bytes", .integer(\.effectStorageBytes, 1_048_576...1_099_511_627_776),
            "What previews and undo keep of files, in bytes; the oldest of whoever keeps most give way"),
        ConfigurationKey(
            "effect_retention_days", .integer(\.effectRetentionDays, 1...3_650),
            "How long a change can be undone, in days"),
        ConfigurationKey(
            "shell_script_direct", .boolean(\.shellScriptDirect),
            "Whether a run of shell_script changes the workspace at once, instead of answering its preview"),
        ConfigurationKey(
            "desktop_armed_seconds", .integer(\.desktopArmedSeconds, 10...3_600),
            "How long a caller may use the desktop after a person let one of its calls pass, in seconds; see "
                + "[desktop.md](desktop.md)"),
        ConfigurationKey(
            "honeytokens", .boolean(\.honeytokens),
            "Whether false credentials are planted in sandboxes, and pause whoever takes them; see "
                + "[honeytokens.md](honeytokens.md)"),
        ConfigurationKey(
            "git_author_name", .authorPart(\.gitAuthorName),
            "Author of commits by git_commit; empty: user.name of the repository"),
        ConfigurationKey(
            "git_author_email", .authorPart(\.gitAuthorEmail),
            "Address of that author; empty: user.email of the repository"),
        ConfigurationKey(
            "planner", .planner, "Who plans tasks without steps; see [below](#planner)"),
        ConfigurationKey(
            "consult_providers", .providers, "Pages at which consult_ui may ask; see [below](#consult_providers)"),
        ConfigurationKey(
            "task_budgets", .budgets(\.taskBudgets), "What one task may do without a person; see [below](#budgets)"),
        ConfigurationKey(
            "daily_budgets", .budgets(\.dailyBudgets),
            "What one principal may do in a day without a person; see [below](#budgets)"),
    ]

    private static let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.name, $0) })

    private init(_ name: String, _ kind: Kind, _ description: String) {
        self.name = name
        self.kind = kind
        self.description = description
    }

    package static func named(_ name: String) -> ConfigurationKey? { places[name].map { all[$0] } }

    package static func nearest(to name: String) -> String? {
        Spelling.nearest(to: name, among: all.map(\.name))
    }

    /// What is allowed, as a clause for people: `from 1 to 10000`.
    package var allowed: String {
        switch kind {
        case .boolean: "true or false"
        case .integer(_, let range): "from \(range.lowerBound) to \(range.upperBound)"
        case .approvalMode: ApprovalMode.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
        case .authorPart: "a text of at most \(Self.authorLimit) bytes, one line, without < and >"
        case .budgets: "an object of limits"
        case .toolSwitches: "an object of tool names and booleans"
        case .planner: "an object"
        case .providers: "an object of providers by name"
        }
    }

    package var defaultValue: JSONValue { value(in: Configuration()) }

    /// Whether PATCH can set it; the others have an endpoint of their own.
    package var isPatchable: Bool {
        switch kind {
        case .toolSwitches, .planner, .providers: false
        case .boolean, .integer, .approvalMode, .authorPart, .budgets: true
        }
    }

    package func value(in configuration: Configuration) -> JSONValue {
        switch kind {
        case .boolean(let place): .bool(configuration[keyPath: place])
        case .integer(let place, _): .integer(configuration[keyPath: place])
        case .approvalMode: .string(configuration.approvalMode.rawValue)
        case .authorPart(let place): .string(configuration[keyPath: place])
        case .budgets(let place): configuration[keyPath: place].json
        case .toolSwitches: .object(configuration.toolEnabled.mapValues(JSONValue.bool))
        case .planner: configuration.planner.json
        case .providers: configuration.consultProviders.json
        }
    }

    /// Sets a key that PATCH can set.
    ///
    /// - Returns: Why the value is refused, as a clause that follows the key's name; `nil` when it was set.
    func set(_ value: JSONValue, in configuration: inout Configuration) -> String? {
        switch kind {
        case .boolean(let place):
            guard let flag = value.boolValue else { return refusal(of: value) }
            configuration[keyPath: place] = flag
        case .integer(let place, let range):
            guard let number = value.integerValue, range.contains(number) else { return refusal(of: value) }
            configuration[keyPath: place] = number
        case .approvalMode:
            guard let mode = value.stringValue.flatMap(ApprovalMode.init(rawValue:)) else {
                return refusal(of: value)
            }
            configuration.approvalMode = mode
        case .authorPart(let place):
            guard let text = value.stringValue, Self.isAuthorPart(text) else { return refusal(of: value) }
            configuration[keyPath: place] = text
        case .budgets(let place):
            do throws(ArgumentProblems) {
                configuration[keyPath: place] = try Budgets(value, defaults: Configuration()[keyPath: place])
            } catch {
                return error.problems.map { $0.field.isEmpty ? $0.reason : "has \($0.field), which \($0.reason)" }
                    .joined(separator: "; ")
            }
        case .toolSwitches:
            return "is changed tool by tool, with PATCH /api/v1/execution/tools/{name}/enabled"
        case .planner, .providers:
            return "is changed in the file"
        }
        return nil
    }

    private static let authorLimit = 200

    /// What git takes as it is: it would drop the brackets, and refuse a name of nothing but dots and the like.
    private static func isAuthorPart(_ text: String) -> Bool {
        guard text.utf8.count <= authorLimit else { return false }
        let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != "<" && $0 != ">" }
        return isPlain && (text.isEmpty || text.contains { $0.isLetter || $0.isNumber })
    }

    /// The value itself is shown only by its kind: it is a stranger's text.
    func refusal(of value: JSONValue) -> String {
        switch (kind, value) {
        case (.integer, .integer), (.approvalMode, .string), (.authorPart, .string): "must be \(allowed)"
        case (.integer, _): "must be an integer \(allowed), not \(value.kindName)"
        default: "must be \(allowed), not \(value.kindName)"
        }
    }
}
