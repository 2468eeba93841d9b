internal import Gate

/// What `execlayer serve` was told, resolved: a flag beats the environment, the environment beats the default.
///
/// Nothing here was checked against the machine: whether the folders exist, whether the port is free and whether the
/// address may be bound without a token is for the composition to say.
struct ServeOptions: Sendable, Hashable {
    enum LogLevel: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// Absolute.
    let workspace: String
    /// Absolute.
    let home: String
    let host: String
    /// 0 lets the system choose.
    let port: Int
    let token: String?
    /// Names besides loopback's that a `Host` header may carry, lower case, with or without a port.
    let allowedHosts: [String]
    /// Calls a minute for each principal, label and tool; `nil` means the default of each risk.
    let rateLimitPerMinute: Int?
    /// Hosts that calls may reach beside those of `policy.yaml`.
    let allowedDomains: AllowedDomains
    /// Lets `/` or a home directory be the workspace.
    let forcesWorkspace: Bool
    let logLevel: LogLevel
}

extension ServeOptions {
    /// The flags as they were typed.
    struct Flags: Sendable, Hashable {
        var workspace: String?
        var home: String?
        var host: String?
        var port: String?
        var token: String?
        var allowedHosts: String?
        var rateLimit: String?
        var allowedDomains: String?
        var forcesWorkspace = false
        var logLevel: String?
        var isVerbose = false
    }

    /// - Throws: ``OptionProblems`` naming everything that is wrong, not just the first.
    init(_ flags: Flags, environment: [String: String], currentFolder: String) throws(OptionProblems) {
        var reading = OptionReading(environment: environment)
        let places = Places(environment: environment, currentFolder: currentFolder)
        var home = ""
        do throws(OptionProblems) {
            home = try places.home(flags.home)
        } catch {
            reading.problems += error.sentences
        }
        let host = reading.host(reading.text(flags.host, "--host", "EXECUTION_HOST"))
        let port = reading.integer(flags.port, "--port", "EXECUTION_PORT", in: 0...65_535)
        let token = reading.token(reading.text(flags.token, "--token", "EXECUTION_TOKEN"))
        let hosts = reading.hosts(reading.text(flags.allowedHosts, "--allowed-hosts", "EXECUTION_ALLOWED_HOSTS"))
        let rate = reading.integer(
            flags.rateLimit, "--rate-limit", "AUTOMATION_RATE_LIMIT_PER_MIN", in: 1...1_000_000)
        let domains = reading.domains(
            reading.text(flags.allowedDomains, "--allowed-domains", AllowedDomains.variable))
        let level = reading.logLevel(flags.logLevel, isVerbose: flags.isVerbose)
        reading.refuseTransportSecurity()
        guard reading.problems.isEmpty else { throw OptionProblems(reading.problems) }

        self.home = home
        workspace = places.workspace(flags.workspace)
        self.host = host
        self.port = port ?? 8_000
        self.token = token
        allowedHosts = hosts
        rateLimitPerMinute = rate
        allowedDomains = domains
        forcesWorkspace = flags.forcesWorkspace
        logLevel = level
    }
}
