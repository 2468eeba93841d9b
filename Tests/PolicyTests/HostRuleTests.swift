import Gate
import Testing
import ToolKit

@Suite("Rules about hosts")
struct HostRuleTests {
    private static let rules = """
        version: 1
        hosts:
          - name: docs
            match: ["docs.example.org", "*.pages.example.org"]
            except: ["private.pages.example.org"]
            schemes: [https]
            verdict: allow
            reason: documentation is read
            examples:
              match: ["https://docs.example.org/x", "https://a.b.pages.example.org/"]
              not_match: ["http://docs.example.org/", "https://pages.example.org/", "https://private.pages.example.org/"]
          - name: shop
            match: ["shop.example.org"]
            ports: [8443]
            verdict: ask
            reason: money changes hands
            examples:
              match: ["https://shop.example.org:8443/"]
          - name: intranet
            match: ["wiki.corp.example"]
            private: true
            verdict: allow
            reason: the wiki is ours
            examples:
              match: ["http://wiki.corp.example/"]
          - name: router
            match: ["192.168.1.1"]
            verdict: allow
            reason: status page
            examples:
              match: ["http://192.168.1.1/"]
          - name: never
            match: ["*.evil.example.org"]
            verdict: deny
            reason: known to be hostile
            examples:
              match: ["https://x.evil.example.org:99/"]

        """

    private func judge(
        _ url: String, _ yaml: String = rules, domains: String = ""
    ) throws -> HostDecision {
        let policy = try Policy(yaml: Array(yaml.utf8), domains: AllowedDomains(domains))
        return policy.hosts.decision(on: try WebURL(url).endpoint)
    }

    @Test("R40: what no rule speaks of is denied, and an empty list lets nothing pass")
    func silence() throws {
        #expect(try judge("https://other.example/").verdict == .deny)
        #expect(try judge("https://docs.example.org/", "version: 1\nhosts: []\n").verdict == .deny)
        #expect(try judge("https://docs.example.org/", "version: 1\npaths: []\n").verdict == .deny)
        #expect(try judge("https://docs.example.org/", "version: 1\npaths: []\n", domains: " , ").verdict == .deny)
    }

    @Test("R40, control: a listed host passes at its port and scheme, and the rule is named")
    func match() throws {
        let decision = try judge("https://docs.example.org/a")
        #expect(decision.verdict == .allow && decision.rule == "docs" && decision.reach == .public)
        #expect(try judge("https://docs.example.org:8443/").verdict == .deny)
        #expect(try judge("http://docs.example.org/").verdict == .deny)
    }

    @Test(
        "R38: match whole names, never endings of them",
        arguments: [
            "https://docs.example.org.evil.example/", "https://xdocs.example.org/", "https://evilpages.example.org/",
            "https://pages.example.org/", "https://org/",
        ])
    func wholeNames(_ url: String) throws { #expect(try judge(url).verdict == .deny) }

    @Test("the strictest of several wins")
    func strictest() throws {
        #expect(try judge("https://shop.example.org:8443/").verdict == .ask)
        #expect(try judge("https://shop.example.org:8443/", domains: "shop.example.org:8443").verdict == .ask)
        #expect(try judge("https://x.evil.example.org/", domains: "x.evil.example.org").verdict == .deny)
    }

    @Test("R39: open private addresses only where they say so")
    func reach() throws {
        #expect(try judge("http://wiki.corp.example/").reach == .anywhere)
        #expect(try judge("http://192.168.1.1/").reach == .anywhere)
        #expect(try judge("https://docs.example.org/").reach == .public)
    }

    @Test("R39: the environment lists hosts, at 80 and 443, at any port where they are private")
    func domains() throws {
        let list = "app.example, api.example:8443, *.cdn.example.net, [2001:db8::5]:81,127.0.0.1"
        #expect(try judge("https://app.example/", domains: list).reach == .anywhere)
        #expect(try judge("http://app.example:3000/", domains: list).reach == .privateOnly)
        #expect(try judge("https://api.example:8443/", domains: list).verdict == .allow)
        #expect(try judge("https://api.example/", domains: list).verdict == .deny)
        #expect(try judge("https://a.cdn.example.net/", domains: list).reach == .public)
        #expect(try judge("https://a.cdn.example.net:8080/", domains: list).verdict == .deny)
        #expect(try judge("http://[2001:db8::5]:81/", domains: list).verdict == .allow)
        #expect(try judge("http://127.0.0.1:9/", domains: list).reach == .privateOnly)
        #expect(try judge("https://sub.app.example/", domains: list).verdict == .deny)
    }

    @Test(
        "R38: a list of the environment with anything odd in it is refused",
        arguments: [
            "https://app.example", "app.example/x", "u@app.example", "*", "*.com", "a*.example.org", "127.1",
            "app.example:0",
            "app.example.", "*.127.0.0.1", "[::ffff:127.0.0.1]",
        ])
    func oddDomains(_ list: String) { #expect(throws: WebURLError.self) { try AllowedDomains(list) } }

    @Test(
        "stop the daemon from starting when something is wrong with them",
        arguments: [
            ("match: [\"*\"]", "whole names"), ("match: [\"*.org\"]", "far too broad"),
            ("match: [\"0x7f.1\"]", "canonical"),
            ("match: [\"a.example\"]\n    ports: [0]", "numbers from 1 to 65535"),
            ("match: [\"a.example\"]\n    schemes: [ftp]", "must hold http or https"),
            ("match: [\"b.example\"]", "is not matched by it"),
            ("match: [\"a.example\"]\n    host: x", "host is unknown"),
        ])
    func loading(_ lines: String, _ words: String) throws {
        let yaml = """
            version: 1
            hosts:
              - name: r
                verdict: allow
                reason: because
                examples: {match: ["https://a.example/"]}
                \(lines)

            """
        #expect(try refusal(of: yaml).contains(words))
    }

    @Test("R39: a call that names a denied host is denied, and its plan says by which rule")
    func calls() throws {
        let policy = try Policy(yaml: Array(Self.rules.utf8))
        let denied = policy.judge(.fetch(try WebURL("https://other.example/")))
        #expect(denied.verdict == .deny)
        #expect(denied.denial?.message == "no rule lets calls reach https://other.example")
        let asked = policy.judge(.fetch(try WebURL("https://shop.example.org:8443/")))
        #expect(asked.asking == ["hosts: shop"])
        #expect(policy.judge(.fetch(try WebURL("https://docs.example.org/"))).verdict == .allow)
    }
}
