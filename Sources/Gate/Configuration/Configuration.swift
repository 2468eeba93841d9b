package import ToolKit

/// What the operator can switch while the daemon runs. A value; ``ConfigurationFile`` holds the one in force.
///
/// The defaults stand here and nowhere else; type, bounds and meaning of each key stand in ``ConfigurationKey``.
package struct Configuration: Sendable, Equatable {
    /// By canonical name, only tools that somebody knows. What is not listed has its tool's own default.
    package var toolEnabled: [String: Bool] = [:]
    package var approvalMode = ApprovalMode.auto
    package var requireApprovalForRisky = true
    package var maxStepsPerRun = 50
    package var maxRetriesPerTool = 3
    package var dryRunDefault = false
    package var approvalStrict = false
    package var approvalSelf = true
    /// In seconds.
    package var inboxTTLSeconds = 604_800
    /// Of commits by `git_commit`; empty: the repository's own settings.
    package var gitAuthorName = ""
    package var gitAuthorEmail = ""
    /// Who plans tasks that nobody gave any steps.
    package var planner = PlannerSettings()
    /// Pages at which `consult_ui` may ask.
    package var consultProviders = ConsultProviders()
    /// What one task may do without a person.
    package var taskBudgets = Budgets.task
    /// What one principal may do in a day, UTC, without a person.
    package var dailyBudgets = Budgets.none
    /// How long a preview's effect can be applied, in seconds.
    package var effectTTLSeconds = 3_600
    /// How many effects of one principal wait at most.
    package var effectsPerPrincipal = 100
    /// Bytes of contents that previews and undo keep.
    package var effectStorageBytes = 1_073_741_824
    /// How long a change can be undone, in days.
    package var effectRetentionDays = 30
    /// Whether a run of `shell_script` changes the workspace at once.
    package var shellScriptDirect = false
    /// How long a caller may use the desktop after a person let a call pass, in seconds.
    package var desktopArmedSeconds = 300
    /// Whether false credentials are planted in sandboxes and looked for.
    package var honeytokens = true
    /// Members of the file that this version knows nothing about; written back as they came.
    package var unknownMembers: [String: JSONValue] = [:]
    /// Entries of `tool_enabled` whose name nobody knows; written back as they came, and never looked at.
    package var unknownTools: [String: Bool] = [:]

    package init() {}

    /// Whether the tool may run.
    ///
    /// - Parameters:
    ///   - name: Canonical.
    ///   - isDefault: What the tool itself says when the operator said nothing.
    package func effectiveToolEnabled(name: String, default isDefault: Bool) -> Bool {
        toolEnabled[name] ?? isDefault
    }

    /// The approval rule of the contract.
    ///
    /// - Parameter verdict: What the policy says about the call.
    package func needsApproval(risk: Risk, verdict: PathVerdict) -> Bool {
        if verdict == .ask { return true }
        return approvalMode == .requireApproval && requireApprovalForRisky && risk >= .medium
    }
}

/// When a call of medium or high risk needs somebody's approval.
package enum ApprovalMode: String, Sendable, CaseIterable {
    /// Only where the policy says `ask`.
    case auto
    case requireApproval = "require_approval"
}

extension Configuration {
    /// A tool as far as the configuration cares about it.
    package struct ToolSwitch: Sendable, Equatable {
        package let name: String
        package let isEnabledByDefault: Bool

        package init(name: String, isEnabledByDefault: Bool) {
            self.name = name
            self.isEnabledByDefault = isEnabledByDefault
        }
    }

    /// `Config` of the contract: every key, and the state that is really in force for each of `tools`.
    package func json(tools: [ToolSwitch] = []) -> JSONValue {
        var shown = self
        for tool in tools {
            shown.toolEnabled[tool.name] = effectiveToolEnabled(
                name: tool.name, default: tool.isEnabledByDefault)
        }
        return .object(
            Dictionary(uniqueKeysWithValues: ConfigurationKey.all.map { ($0.name, $0.value(in: shown)) }))
    }

    /// What is written to the file: every key, and what the file held beyond.
    package var fileJSON: JSONValue {
        var whole = self
        whole.toolEnabled.merge(unknownTools) { known, _ in known }
        var members = unknownMembers
        for key in ConfigurationKey.all { members[key.name] = key.value(in: whole) }
        return .object(members)
    }
}
