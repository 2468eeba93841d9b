public import ToolKit

/// The one list. A tool is a file of its own plus its line here; every door, help text and document reads this.
public let builtInTools: [any Tool] = [
    ApplyPatch(),
    DefenderStatusRead(),
    FilesystemRead(),
    FilesystemWrite(),
    NetConnections(),
    ProcessList(),
    RepoScan(),
    ServiceList(),
    SystemInfo(),
    WindowsEventlogRead(),
    WorkspaceIndex(),
    WorkspaceSearch(),
]
