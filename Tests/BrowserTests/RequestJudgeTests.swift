import Testing
import ToolKit

@testable import Browser

@Suite("The URL of a request that a page makes")
struct RequestJudgeTests {
    private struct OneHost: HostRules {
        func decision(on endpoint: WebEndpoint) -> HostDecision {
            HostDecision(
                verdict: endpoint.host.description == "open.example" ? .allow : .deny, rule: nil, reach: .public,
                sentence: "no", remedy: "")
        }
    }

    @Test(
        "R38: passes when its host is open, whatever comes behind it",
        arguments: [
            "http://open.example/a?b#c", "https://open.example:8443", "ws://open.example/x", "wss://OPEN.example/",
            "data:text/html,hello", "blob:http://other.example/1", "about:blank",
            "https://open.example/" + String(repeating: "a", count: 100_000),
        ])
    func passes(url: String) {
        #expect(RequestJudge(rules: OneHost()).judge(url) == .pass)
    }

    @Test(
        "R38: is refused when its host is not, or nobody can say whose it is",
        arguments: [
            "http://other.example/", "https://open.example.other/", "http://open.example@other.example/",
            "http://other.example?open.example", "http://open.example./", "http:open.example", "file:///etc/passwd",
            "chrome://version", "ftp://open.example/", "filesystem:http://open.example/a", "", "http://0x7f.1/",
            "http://[::ffff:127.0.0.1]/", "ws://other.example/", "javascript:1",
        ])
    func refused(url: String) {
        guard case .refuse = RequestJudge(rules: OneHost()).judge(url) else {
            Issue.record("\(url) passes")
            return
        }
    }
}
