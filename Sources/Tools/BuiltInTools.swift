public import ToolKit

/// The one list. A tool is a file of its own plus its line here; every door, help text and document reads this.
///
/// - Parameter commands: Whether programs can be started on this machine.
public func builtInTools(commands: Availability = .available) -> [any Tool] {
    [
        ApplyPatch(),
        DefenderStatusRead(),
        FilesystemRead(),
        FilesystemWrite(),
        GitDiff(availability: commands),
        GitLog(availability: commands),
        GitStatus(availability: commands),
        NetConnections(),
        ProcessList(),
        RepoScan(),
        RunTests(availability: commands),
        SandboxWorkerRun(availability: commands),
        ServiceList(),
        ShellExec(availability: commands),
        SystemInfo(),
        WindowsEventlogRead(),
        WorkspaceIndex(),
        WorkspaceSearch(),
    ]
}
