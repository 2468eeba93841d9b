import Gate
import Testing

@testable import execlayer

@Suite("The options of serve")
struct ServeOptionsTests {
    private func options(
        _ flags: ServeOptions.Flags = .init(), _ environment: [String: String] = [:]
    ) throws(OptionProblems) -> ServeOptions {
        try ServeOptions(
            flags, environment: ["HOME": "/users/ada"].merging(environment) { $1 }, currentFolder: "/work/repo")
    }

    @Test("have the defaults of the contract")
    func defaults() throws {
        let options = try options()
        #expect(
            options
                == ServeOptions(
                    workspace: "/work/repo", home: "/users/ada/.execution-layer", host: "127.0.0.1", port: 8_000,
                    token: nil, allowedHosts: [], rateLimitPerMinute: nil, allowedDomains: .none,
                    forcesWorkspace: false, logLevel: .info))
    }

    @Test("come from the environment when no flag says otherwise")
    func environment() throws {
        let options = try options(
            .init(),
            [
                "EXECUTION_HOME": ".", "EXECUTION_WORKSPACE_ROOT": "sub/./repo/", "EXECUTION_HOST": "0.0.0.0",
                "EXECUTION_PORT": "9000", "EXECUTION_TOKEN": "t0k", "EXECUTION_ALLOWED_HOSTS": "A.example, b:8443",
                "AUTOMATION_RATE_LIMIT_PER_MIN": "5",
            ])
        #expect(options.home == "/work/repo")
        #expect(options.workspace == "/work/repo/sub/repo")
        #expect(options.host == "0.0.0.0")
        #expect(options.port == 9_000)
        #expect(options.token == "t0k")
        #expect(options.allowedHosts == ["a.example", "b:8443"])
        #expect(options.rateLimitPerMinute == 5)
    }

    @Test("a flag beats the environment")
    func flags() throws {
        let options = try options(
            .init(home: "~/other", port: "1", token: "flag"),
            ["EXECUTION_HOME": "/x", "EXECUTION_PORT": "2", "EXECUTION_TOKEN": "env"])
        #expect(options.home == "/users/ada/other")
        #expect(options.port == 1)
        #expect(options.token == "flag")
    }

    @Test("a variable that is set to nothing counts as not set")
    func empty() throws {
        #expect(try options(.init(), ["EXECUTION_PORT": "", "EXECUTION_TOKEN": ""]).port == 8_000)
    }

    @Test("name every problem with its flag and variable, not just the first")
    func problems() {
        let problems = #expect(throws: OptionProblems.self) {
            try options(.init(port: "70000", allowedHosts: "*"), ["AUTOMATION_RATE_LIMIT_PER_MIN": "0"])
        }
        #expect(
            problems?.sentences == [
                "--port must be a number from 0 to 65535 (--port or EXECUTION_PORT)",
                "--allowed-hosts must be host names between commas, without schemes, paths or '*' "
                    + "(--allowed-hosts or EXECUTION_ALLOWED_HOSTS)",
                "AUTOMATION_RATE_LIMIT_PER_MIN must be a number from 1 to 1000000 "
                    + "(--rate-limit or AUTOMATION_RATE_LIMIT_PER_MIN)",
            ])
    }

    @Test("R35: a token that cannot be one is not shown")
    func tokenIsNotShown() throws {
        let problems = #expect(throws: OptionProblems.self) { try options(.init(token: "se cret")) }
        #expect(problems?.description.contains("--token") == true)
        #expect(problems?.description.contains("cret") == false)
    }

    @Test(
        "refuse to go on without the TLS that somebody asked for",
        arguments: ["EXECUTION_TLS_CERT", "EXECUTION_TLS_KEY"])
    func transportSecurity(name: String) {
        #expect(throws: OptionProblems.self) { try options(.init(), [name: "/cert.pem"]) }
    }

    @Test("need a home when nothing says where it is")
    func noHome() {
        #expect(throws: OptionProblems.self) {
            try ServeOptions(.init(), environment: [:], currentFolder: "/")
        }
    }
}
