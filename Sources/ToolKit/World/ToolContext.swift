/// All that a tool can see and do. Whatever is not here, a tool cannot reach.
public struct ToolContext: Sendable {
    /// The workspace, held to the access that the gate granted for this call.
    public let files: any WorkspaceFiles
    /// Facts of this machine, held to the same access.
    public let host: any HostFacts
    /// Programs, likewise.
    public let commands: any CommandRunner
    /// Pages of the web, likewise.
    public let web: any WebFetcher
    /// Keyboard, pointer and screen, likewise.
    public let desktop: any DesktopHands
    /// Pages in a real browser, likewise.
    public let browser: any WebBrowser
    /// Where files go that shall outlive the call.
    public let artifacts: any ArtifactKeeper
    /// Effects that wait, and changes that can be undone.
    public let effects: any EffectDeeds
    /// When the call has to be done, on the context's clock.
    public let deadline: ContinuousClock.Instant

    public init(
        files: any WorkspaceFiles, host: any HostFacts, commands: any CommandRunner = NoCommands(),
        web: any WebFetcher = NoWeb(), browser: any WebBrowser = NoBrowser(),
        desktop: any DesktopHands = NoDesktop(),
        artifacts: any ArtifactKeeper = NoArtifacts(), effects: any EffectDeeds = NoEffects(),
        deadline: ContinuousClock.Instant
    ) {
        self.files = files
        self.host = host
        self.commands = commands
        self.web = web
        self.desktop = desktop
        self.browser = browser
        self.artifacts = artifacts
        self.effects = effects
        self.deadline = deadline
    }

    /// To be asked in every loop whose length the caller decides.
    ///
    /// - Throws: ``CallInterrupted`` once the call was cancelled or its time is over.
    public func checkLimits() throws(CallInterrupted) {
        if Task.isCancelled { throw .cancelled }
        if ContinuousClock.now > deadline { throw .timedOut }
    }
}

/// Why a call ended before it was done.
public enum CallInterrupted: Error, Sendable, Hashable {
    case cancelled
    case timedOut
}
