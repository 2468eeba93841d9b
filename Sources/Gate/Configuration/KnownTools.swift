package import ToolKit

/// Every tool name that a configuration may speak of: those that clients have been promised, built here or not, and
/// those that this build adds.
///
/// The list of the older system loads as it is, so a name stays known even while no tool of that name is built. Being
/// known enables nothing.
package struct KnownTools: Sendable, Equatable {
    /// Canonical names.
    package private(set) var names: Set<String>
    /// Older spellings, each to its canonical name.
    package private(set) var aliases: [String: String]

    package static let promised = KnownTools(
        names: [
            "git_status", "git_diff", "git_log", "filesystem_read", "system_info", "process_list", "service_list",
            "net_connections", "windows_eventlog_read", "defender_status_read", "repo_scan", "workspace_index",
            "workspace_search",
            "shell_exec", "run_tests", "git_commit", "web_scrape", "screenshot_capture", "browser_e2e_runner",
            "sandbox_worker_run", "windows_node_safe_shell_exec", "windows_node_file_read_workspace",
            "filesystem_write", "apply_patch", "shell_script", "browser_automation", "desktop_automation",
            "consult_ui", "windows_node_file_write_workspace",
            "node_shell_exec", "node_file_read", "node_file_write",
        ],
        aliases: [
            "repo_git_status": "git_status",
            "repo_git_diff": "git_diff",
            "web_scrape_bs4": "web_scrape",
            "browser_automation_selenium": "browser_automation",
            "desktop_automation_pyautogui": "desktop_automation",
        ])

    /// The promised ones and `tools`.
    package init(adding tools: [any Tool]) {
        self = .promised
        for tool in tools {
            names.insert(tool.name)
            for alias in tool.aliases { aliases[alias] = tool.name }
        }
    }

    private init(names: Set<String>, aliases: [String: String]) {
        self.names = names
        self.aliases = aliases
    }

    /// The canonical name behind a spelling, compared exactly; `nil` for one that nobody knows.
    package func canonical(_ spelling: String) -> String? {
        if names.contains(spelling) { return spelling }
        return aliases[spelling]
    }

    package func nearest(to spelling: String) -> String? {
        Spelling.nearest(to: spelling, among: names.union(aliases.keys))
    }
}
