package import ToolKit

/// A call that runs, for those who serve it while it does: whose it is, where its files go, who sees its output.
package struct CallSite: Sendable {
    package let label: CallLabel
    package let artifacts: any ArtifactKeeper
    package let output: any OutputObserver
    /// Where whoever changes the workspace for it tells what; its mode says whether the workspace may be changed.
    package let effects: CallEffects

    /// Where whoever connects for it tells so.
    package let connections: CallConnections

    /// Looks for honeytokens in what it does; `nil`: none are planted.
    package let watch: HoneytokenWatch?

    package init(
        label: CallLabel, artifacts: any ArtifactKeeper = NoArtifacts(), output: any OutputObserver = NoObserver(),
        effects: CallEffects = CallEffects(.run), connections: CallConnections = CallConnections(),
        watch: HoneytokenWatch? = nil
    ) {
        self.watch = watch
        self.label = label
        self.artifacts = artifacts
        self.output = output
        self.effects = effects
        self.connections = connections
    }
}

/// Which call it is and whose.
package struct CallLabel: Sendable, Hashable {
    package let auditID: String
    package let principal: String
    package let toolName: String

    package init(auditID: String, principal: String, toolName: String) {
        self.auditID = auditID
        self.principal = principal
        self.toolName = toolName
    }
}
