internal import ArgumentParser
internal import Gate

/// Which home and workspace a verb works on without a daemon.
struct HomeOptions: ParsableArguments {
    @Option(
        help: """
            The home folder (EXECUTION_HOME; ~/.execution-layer). The flag works on it directly, unless --base or \
            DAENA_BASE_URL names a daemon; a daemon that holds it is spoken to instead.
            """)
    var home: String?

    @Option(help: "The workspace (EXECUTION_WORKSPACE_ROOT; the current folder).")
    var workspace: String?

    func location(in session: Session) throws(OptionProblems) -> HomeLocation {
        let places = Places(environment: session.environment, currentFolder: session.currentFolder)
        var reading = OptionReading(environment: session.environment)
        let domains = reading.domains(reading.text(nil, "", AllowedDomains.variable))
        guard reading.problems.isEmpty else { throw OptionProblems(reading.problems) }
        return HomeLocation(
            home: try places.home(home), workspace: places.workspace(workspace), allowedDomains: domains)
    }
}
