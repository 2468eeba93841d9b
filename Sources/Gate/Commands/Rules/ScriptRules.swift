internal import ToolKit

/// What lets `shell_script` start bash: exactly the words that this tool makes (``Command/WorkspaceView/script``), which no
/// caller can name. What the script does is not judged by its words; it is confined, and its effect is seen before anybody
/// keeps it (SECURITY R9).
enum ScriptRules {
    static let program = "bash"

    static let rule = CommandRule(
        name: "shell_script", programs: [program], subcommand: [], globalFlags: [], flags: .open, operands: .open,
        firstUnless: [], verdict: .allow, reason: "shell_script is switched on", writes: [], unixSockets: false,
        hosts: [])
}
