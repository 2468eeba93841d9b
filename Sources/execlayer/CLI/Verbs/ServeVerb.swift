internal import ArgumentParser

struct ServeVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the daemon in the foreground.",
        discussion: "A flag beats the environment, the environment beats the default.")

    @Option(help: "The folder that tools work in (EXECUTION_WORKSPACE_ROOT; the current folder).")
    var workspace: String?
    @Option(help: "The home folder (EXECUTION_HOME; ~/.execution-layer).")
    var home: String?
    @Option(help: "The address to listen on (EXECUTION_HOST; 127.0.0.1).")
    var host: String?
    @Option(help: "The port (EXECUTION_PORT; 8000). 0 lets the system choose.")
    var port: String?
    @Option(help: "The operator's token (EXECUTION_TOKEN, which other users cannot see).")
    var token: String?
    @Option(help: "Further Host names to accept, between commas (EXECUTION_ALLOWED_HOSTS).")
    var allowedHosts: String?
    @Option(help: "Calls a minute for each caller and tool (AUTOMATION_RATE_LIMIT_PER_MIN; 600, 240 or 60 by risk).")
    var rateLimit: String?
    @Option(help: "Hosts that calls may reach, between commas (AUTOMATION_ALLOWED_DOMAINS); adds to policy.yaml.")
    var allowedDomains: String?
    @Flag(help: "Accept / or a home directory as the workspace.")
    var forceWorkspace = false
    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?
    @Flag(name: .shortAndLong, help: "The same as --log-level debug.")
    var verbose = false

    func run() async throws {
        let session = Session.live(openHome: Composition.offlineHome)
        do {
            try await Composition.serve(options(in: session))
        } catch {
            let failure = CommandFailure(error)
            session.terminal.note(failure.text)
            throw ExitCode(failure.status.rawValue)
        }
    }

    func options(in session: Session) throws(OptionProblems) -> ServeOptions {
        let flags = ServeOptions.Flags(
            workspace: workspace, home: home, host: host, port: port, token: token, allowedHosts: allowedHosts,
            rateLimit: rateLimit, allowedDomains: allowedDomains, forcesWorkspace: forceWorkspace, logLevel: logLevel,
            isVerbose: verbose)
        return try ServeOptions(flags, environment: session.environment, currentFolder: session.currentFolder)
    }
}
