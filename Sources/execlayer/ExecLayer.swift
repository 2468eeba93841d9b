internal import ArgumentParser

@main
struct ExecLayer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "execlayer",
        abstract: "Safe hands for AI agents: one gate, a record of everything, and your say in it.",
        discussion: """
            Verbs that speak to the daemon find it by --base or DAENA_BASE_URL (http://127.0.0.1:8000) and show it the \
            token of --token or EXECUTION_TOKEN.
            Exit status: 0 it worked, 1 it ran and failed, 2 it was refused, 3 no daemon answers, 64 wrong usage.
            """,
        version: "0.1.0",
        subcommands: [
            ServeVerb.self, InitVerb.self, RunVerb.self, PreviewVerb.self, ApplyVerb.self, UndoVerb.self,
            EffectsVerb.self, ToolsVerb.self, LogsVerb.self, ArtifactsVerb.self,
            ConfigVerb.self, ApproveVerb.self, ApprovalsVerb.self, GrantsVerb.self, EventsVerb.self, LockdownVerb.self,
            PlaybookVerb.self, TaskVerb.self,
            TokenVerb.self, PolicyVerb.self, AuditVerb.self, HoneytokensVerb.self, DoctorVerb.self,
            SmokeVerb.self,
        ])
}
