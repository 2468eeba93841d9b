import Testing
import ToolKit
import Tools

extension InABrowser {
    @Suite("A site that is tried out")
    struct RunnerTests {
        private func shop() async throws -> PageSite {
            try await PageSite.start([
                "/": .page("<title>Shop</title><h1>Things</h1><ul><li>a<li>b<li>c</ul><a id=cart href=/cart>Cart</a>"),
                "/cart": .page("<title>Cart</title><input id=n value=2><p id=empty style=display:none>empty</p>"),
            ])
        }

        private static let steps: [JSONValue] = [
            ["action": "assert_title", "value": "Shop"], ["action": "assert_count", "selector": "li", "value": 3],
            ["action": "assert_text", "selector": "h1", "value": "Things", "match": "equals"],
            ["action": "click", "selector": "#cart"], ["action": "assert_url", "value": "/cart"],
            ["action": "assert_value", "selector": "#n", "value": "2"],
            ["action": "assert_hidden", "selector": "#empty"], ["action": "screenshot"],
        ]

        @Test("passes when everything holds, and the report is kept twice with its pictures")
        func passes() async throws {
            let site = try await shop()
            let call = Call(reaching: site)
            let result = try await call.run(
                BrowserE2ERunner(), ["base_url": .string(site.origin), "steps": .array(Self.steps)])
            await site.stop()
            #expect(result["status"] == "passed")
            #expect(result["report"]?["counts"]?["passed"] == 9)
            #expect(result["screenshots"] == ["step-8.png"])
            #expect(Set(call.artifacts.names) == ["step-8.png", "report.json", "report.md"])
        }

        @Test("fails at what does not hold, says what was found, and skips the rest")
        func fails() async throws {
            let site = try await shop()
            let call = Call(reaching: site)
            let result = try await call.run(
                BrowserE2ERunner(),
                [
                    "base_url": .string(site.origin), "timeout_ms": 3_000, "report_path": "reports/shop.json",
                    "steps": [
                        ["action": "assert_title", "value": "Shop"],
                        ["action": "assert_text", "selector": "h1", "value": "Else"],
                        ["action": "click", "selector": "#cart"],
                    ],
                ])
            await site.stop()
            #expect(result["status"] == "failed")
            let steps = result["report"]?["steps"]?.arrayValue
            #expect(steps?.map { $0["status"] } == ["passed", "passed", "failed", "skipped"])
            #expect(steps?[2]["code"] == "expectation_failed")
            #expect(steps?[2]["error"]?.stringValue?.contains("Things") == true)
            #expect(result["screenshots"] == ["step-2-failed.png"])
            #expect(result["report_path"] == "reports/shop.json")
            #expect(result["report_md_path"] == "reports/shop.md")
            let markdown = try World.here().file("reports/shop.md").map { String(decoding: $0, as: UTF8.self) }
            #expect(markdown?.contains("| 3 | assert_text `h1` | failed |") == true)
        }
    }

    @Suite("A question at a configured page")
    struct ConsultTests {
        private func site() async throws -> PageSite {
            try await PageSite.start([
                "/": .page(
                    """
                    <textarea id=q></textarea><button id=ask>Ask</button><div id=log><p class=answer>earlier</p></div>
                    <script>ask.onclick = () => {
                      const p = document.createElement('p'); p.className = 'answer'; log.append(p);
                      const words = ('You asked: ' + q.value).split(' ');
                      const next = () => { p.textContent += words.shift() + ' ';
                        if (words.length) setTimeout(next, 50); else p.insertAdjacentHTML('afterend', '<i class=done>done</i>') };
                      setTimeout(next, 100);
                    }</script>
                    """)
            ])
        }

        private func tool(_ site: PageSite, done: String? = nil) throws -> ConsultUI {
            let provider = ConsultProvider(
                url: try WebURL(site.origin), input: "#q", submit: "#ask", answer: ".answer", done: done)
            return ConsultUI(providers: { ["local": provider] })
        }

        @Test("answers what the page said, all of it", arguments: [nil, ".done"])
        func answers(done: String?) async throws {
            let site = try await site()
            let result = try await Call(reaching: site).run(
                try tool(site, done: done), ["provider": "local", "question": "what is the time?"])
            await site.stop()
            #expect(result["answer"]?.stringValue?.hasPrefix("You asked: what is the time?") == true)
            #expect(result["incomplete"] == nil)
        }

        @Test("says so when no answer comes, and when there is no such provider")
        func silence() async throws {
            let site = try await site()
            let provider = ConsultProvider(
                url: try WebURL(site.origin), input: "#q", submit: nil, answer: ".other", done: nil)
            let call = Call(reaching: site)
            let silent = try await call.failure(
                of: ConsultUI(providers: { ["local": provider] }),
                ["provider": "local", "question": "?", "timeout_sec": 5])
            let unknown = try await call.failure(of: ConsultUI(), ["provider": "local", "question": "?"])
            await site.stop()
            #expect(silent?.code == "timeout")
            #expect(unknown?.code == "unknown_provider")
        }

        @Test("always needs a person's approval, whatever the call says")
        func approval() throws {
            #expect(ConsultUI().alwaysNeedsApproval)
        }
    }
}
