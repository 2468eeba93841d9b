public import ToolKit

/// The one list. A tool is a file of its own plus its line here; every door, help text and document reads this.
///
/// - Parameters:
///   - commands: Whether programs can be started on this machine.
///   - browser: Whether pages can be opened in a browser here.
///   - author: Who commits, as the configuration says at the moment.
///   - desktop: Whether there is one that can be used.
///   - runsScriptsDirectly: Whether a script changes the workspace at once, likewise.
///   - providers: Pages at which questions may be asked, likewise.
public func builtInTools(
    commands: Availability = .available, browser: Availability = .available,
    author: @escaping @Sendable () -> GitAuthor = { GitAuthor() }, desktop: Availability = .available,
    runsScriptsDirectly: @escaping @Sendable () -> Bool = { false },
    providers: @escaping @Sendable () -> [String: ConsultProvider] = { [:] }
) -> [any Tool] {
    [
        ApplyPatch(),
        BrowserAutomation(availability: browser),
        BrowserE2ERunner(availability: browser),
        ConsultUI(availability: browser, providers: providers),
        DefenderStatusRead(),
        DesktopAutomation(availability: desktop),
        FilesystemRead(),
        FilesystemWrite(),
        GitCommit(availability: commands, author: author),
        GitDiff(availability: commands),
        GitLog(availability: commands),
        GitStatus(availability: commands),
        NetConnections(),
        ProcessList(),
        RepoScan(),
        RunTests(availability: commands),
        SandboxWorkerRun(availability: commands),
        ScreenshotCapture(availability: browser),
        ServiceList(),
        ShellExec(availability: commands),
        ShellScript(availability: commands, isDirect: runsScriptsDirectly),
        SystemInfo(),
        WebScrape(),
        WindowsEventlogRead(),
        WorkspaceIndex(),
        WorkspaceSearch(),
    ]
}

/// Tools that nobody calls by name: the routes of effects and people's approvals lead to them.
public func internalTools(effects: any KeptEffects) -> [any Tool] {
    [EffectApply(kept: effects), EffectUndo(kept: effects)]
}
