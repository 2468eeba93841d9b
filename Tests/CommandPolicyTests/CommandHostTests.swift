import Gate
import Testing
import ToolKit

@Suite("Hosts in a rule about programs")
struct CommandHostTests {
    private let machine: MachineFixture

    init() throws { machine = try MachineFixture.shared.get().machine }

    private static func policy(_ hosts: String, verdict: String = "allow", program: String = "ls") -> String {
        rule(
            "run: [\(program), x]", "verdict: \(verdict)", "hosts: [\(hosts)]", "examples: {match: [\"\(program) x\"]}")
    }

    private static let site = """
        hosts:
          - name: site
            match: [site.example, asked.example]
            verdict: allow
            reason: because
            examples: {match: ["https://site.example/"]}
          - name: asked
            match: [asked.example]
            verdict: ask
            reason: because
            examples: {match: ["https://asked.example/"]}

        """

    @Test("are those that its commands may reach, and nobody else's")
    func pinned() throws {
        let policy = try machine.policy(
            rules: Self.policy("site.example, \"*.pages.example\"")
                + rule("run: [wc]", "verdict: allow", "examples: {match: [wc]}").replacing(
                    "name: rule", with: "name: other"))
        let pinned = try #require(try policy.judge(text: "ls x").pinned)
        #expect(pinned.hosts.map(\.description) == ["site.example", "*.pages.example"] && pinned.rules == ["rule"])
        #expect(pinned.json["hosts"] == ["site.example", "*.pages.example"])
        #expect(try policy.judge(text: "wc").pinned?.hosts == [])
        // Through a wrapper as well.
        #expect(try policy.judge(text: "timeout 5 ls x").pinned?.hosts.count == 2)
        // What was sent could not be taken back.
        let layered = Command(try CommandWords("ls x"), view: .layered)
        #expect(policy.commands.judge(layered).pinned?.hosts == [])
    }

    @Test(
        "are refused where they open nothing, or too much",
        arguments: [
            (policy("site.example", verdict: "deny"), "hosts opens a network, and the rule denies"),
            (policy("site.example", program: "git"), "hosts is not for git"), (policy("\"*\""), "does not stand for"),
            (policy("\"*.example\""), "far too broad"), (policy("127.1"), "canonical"),
            (policy("\"https://site.example\""), "hosts pattern"),
        ])
    func refused(rules: String, expected: String) {
        #expect(problem(of: rules, on: machine)?.contains(expected) == true, "\(problem(of: rules, on: machine) ?? "")")
    }

    @Test("are only reached where the rules about hosts let them be, and an explanation says which are")
    func explained() throws {
        let policy = try machine.policy(
            "version: 1\ncommands:\n" + Self.policy("site.example, asked.example, other.example, \"*.pages.example\"")
                + Self.site)
        let lines = policy.explain(Command(try CommandWords("ls x"))).lines
        for line in [
            "may reach https://site.example: reaching",
            "cannot reach https://asked.example, because nobody can be asked",
            "cannot reach other.example: no rule lets calls reach", "may reach *.pages.example where hosts lets it",
        ] {
            #expect(lines.contains { $0.contains(line) }, "\(line)\n\(lines)")
        }
        let narrowed = NarrowedHosts(policy.hosts, to: [try HostPattern("site.example")], by: ["rule"])
        func verdict(_ url: String) throws -> PathVerdict { narrowed.decision(on: try WebURL(url).endpoint).verdict }
        #expect(try verdict("https://site.example/") == .allow && verdict("https://site.example:8443/") == .deny)
        #expect(try verdict("https://asked.example/") == .deny && verdict("https://other.example/") == .deny)
    }

    @Test("R18: let pip look at an index, which it does not without them")
    func pip() throws {
        func environment(_ hosts: String) throws -> [String: String] {
            let rules = rule(
                "run: [pip3, download]", "operands: [\"<word>\"]", "verdict: allow",
                "examples: {match: [\"pip3 download x\"]}", hosts)
            let pinned = try #require(try machine.policy(rules: rules).judge(text: "pip3 download x").pinned)
            return ProgramInvocation(pinned, workspace: "/w").environment
        }
        #expect(try environment("hosts: [site.example]")["PIP_NO_INDEX"] == nil)
        #expect(try environment("hosts: [site.example]")["PIP_CONFIG_FILE"] == "/dev/null")
        #expect(try environment("unix_sockets: false")["PIP_NO_INDEX"] == "1")
    }
}
