import Browser
import Foundation
import Testing
import ToolKit
import Tools

extension InABrowser {
    @Suite("Pages that make trouble")
    struct TroubleTests {
        @Test("one that keeps its scripts busy ends the call in bounded time, and the next one works")
        func hangs() async throws {
            let site = try await PageSite.start([
                "/": .page("<button id=b onclick='for (;;);'>b</button>"), "/fine": .page("<title>fine</title>"),
            ])
            let failure = try await Call(reaching: site).failure(
                browsing: site.origin,
                [["action": "click", "selector": "#b"], ["action": "extract", "selector": "#b"]],
                ["timeout_ms": 1_000])
            #expect(failure?.code == "page_hangs")
            #expect(try await Call(reaching: site).browse(site.origin + "/fine")["title"] == "fine")
            await site.stop()
        }

        @Test("one whose head or body never ends", arguments: ["/silent", "/endless"])
        func neverLoads(path: String) async throws {
            let site = try await PageSite.start([
                "/silent": .stalls(""),
                "/endless": .endless(head: "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<p>", "<p>more and more"),
            ])
            let started = ContinuousClock.now
            let failure = try await Call(reaching: site).failure(
                browsing: site.origin + path, [], ["timeout_ms": 1_500])
            await site.stop()
            #expect(["timeout", "page_hangs", "page_crashed"].contains(failure?.code))
            #expect(ContinuousClock.now - started < .seconds(60))
        }

        @Test("one that opens a dialog after the other")
        func dialogs() async throws {
            let site = try await PageSite.start([
                "/": .page(
                    "<script>for (let i = 0; i < 30; i++) alert(i); document.title = 'calm ' + confirm('?')</script>")
            ])
            let result = try await Call(reaching: site).browse(site.origin)
            await site.stop()
            #expect(result["title"] == "calm false")
            #expect(result["dialogs"] == 31)
        }

        @Test("one that wants files to be saved and windows to be opened")
        func downloads() async throws {
            let site = try await PageSite.start([
                "/": .page(
                    "<a id=a href=/file download>a</a><script>for (let i = 0; i < 30; i++) open('/small')</script>"),
                "/small": .page("small"),
                "/file": .text("x", "application/octet-stream", "content-disposition: attachment; filename=x.bin\r\n"),
            ])
            let result = try await Call(reaching: site).browse(
                site.origin, [["action": "click", "selector": "#a"], ["action": "wait", "ms": 300]])
            #expect(result["downloads_refused"] == 1)
            #expect((result["windows"]?.integerValue ?? 0) > 0)
            let failure = try await Call(reaching: site).failure(browsing: site.origin + "/file")
            await site.stop()
            #expect(failure?.code == "not_a_page")
        }

        @Test("one with a hostile title and a huge text")
        func texts() async throws {
            let site = try await PageSite.start([
                "/": .page(
                    "<p id=p></p><script>document.title = '\\ud800 \\u202e' + 'x'.repeat(100000); p.textContent = 'y'.repeat(5000000)</script>"
                )
            ])
            let result = try await Call(reaching: site).browse(
                site.origin, [["action": "extract", "selector": "#p"]])
            await site.stop()
            #expect((result["title"]?.stringValue?.utf8.count ?? 0) <= 4 * 1_024)
            #expect(result["steps"]?.arrayValue?.last?["result"]?.stringValue?.count == 1 << 20)
        }

        @Test("one with very many elements")
        func hugeDocument() async throws {
            let site = try await PageSite.start([
                "/": .page("<body><script>document.body.innerHTML = '<p>x</p>'.repeat(200000)</script>")
            ])
            let result = try await Call(reaching: site).browse(
                site.origin, [["action": "extract", "selector": "p", "all": true]], ["timeout_ms": 60_000])
            await site.stop()
            #expect(result["steps"]?.arrayValue?.last?["result"]?.arrayValue?.count == 1_000)
        }

        @Test("one whose renderer dies")
        func crash() async throws {
            let site = try await PageSite.start([
                "/": .page(
                    "<script>onclick = () => { const all = []; for (;;) all.push(new Array(1e7).fill(Math.random())) }</script><button id=b>b</button>"
                )
            ])
            let failure = try await Call(reaching: site).failure(
                browsing: site.origin,
                [["action": "click", "selector": "#b"], ["action": "wait_for", "selector": "#never"]],
                ["timeout_ms": 20_000])
            await site.stop()
            #expect(["page_crashed", "page_hangs"].contains(failure?.code))
        }

        @Test("one whose certificate is not to be trusted, or that speaks no TLS at all")
        func certificates() async throws {
            let site = try await PageSite.start(["/": .page("plain")])
            let failure = try await Call(reaching: site).failure(browsing: "https://127.0.0.1:\(site.port)/")
            await site.stop()
            #expect(["tls_failed", "unreachable"].contains(failure?.code))
        }

        @Test("a call that is cancelled ends at once, and the next one works")
        func cancelled() async throws {
            let site = try await PageSite.start(["/": .page("<title>fine</title>")])
            let world = try World.here()
            let origin = site.origin
            let task = Task {
                try await World.$current.withValue(world) {
                    try await Call(reaching: site).browse(origin, [["action": "wait", "ms": 30_000]])
                }
            }
            while !site.was(asked: "/") { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            await #expect(throws: CallInterrupted.self) { try await task.value }
            #expect(try await Call(reaching: site).browse(origin)["title"] == "fine")
            await site.stop()
        }
    }

    @Suite("Browsers that wait")
    struct PoolTests {
        /// As agents call, who think in between: meanwhile the page for the next call is made.
        @Test("a second call costs at most a third of the first")
        func warm() async throws {
            let site = try await PageSite.start(["/": .page("<title>fine</title>")])
            let pool = try World.here().pool
            await pool.endIdle()
            let clock = ContinuousClock()
            let cold = try await clock.measure { _ = try await Call(reaching: site).browse(site.origin) }
            var warm: [Duration] = []
            for _ in 0..<5 {
                await pool.prepared()
                warm.append(try await clock.measure { _ = try await Call(reaching: site).browse(site.origin) })
            }
            await site.stop()
            print("first browser call \(cold), later ones \(warm.sorted())")
            #expect(try #require(warm.min()) * 3 <= cold)
        }

        @Test("many calls leave no process and no growing memory")
        func many() async throws {
            let soaks = ProcessInfo.processInfo.environment["EXECLAYER_SOAK"] == "1"
            let site = try await PageSite.start(["/": .page("<title>fine</title><p>text")])
            // The browser of the other tests may be making a page.
            try await World.here().pool.endIdle()
            let before = Processes.chromiums()
            var settings = BrowserPool.Settings()
            settings.visitsPerBrowser = 7
            let world = try World(settings: settings)
            try await World.$current.withValue(world) {
                for _ in 0..<3 { _ = try await Call(reaching: site).browse(site.origin) }
                let start = Processes.ownMemory
                for _ in 0..<(soaks ? 100 : 10) { _ = try await Call(reaching: site).browse(site.origin) }
                #expect(Processes.ownMemory < start + 64 << 20)
            }
            #expect(await world.pool.started > 1)
            await world.pool.endIdle()
            #expect(Processes.chromiums().subtracting(before).isEmpty)
            await world.close()
            await site.stop()
        }

        @Test("a browser serves calls of one caller only")
        func callers() async throws {
            let site = try await PageSite.start(["/": .page("<title>fine</title>")])
            var settings = BrowserPool.Settings()
            settings.browsers = 1
            let world = try World(settings: settings)
            try await World.$current.withValue(world) {
                for (caller, started) in [("one", 1), ("one", 1), ("two", 2), ("two", 2)] {
                    try await World.$caller.withValue(caller) {
                        _ = try await Call(reaching: site).browse(site.origin)
                    }
                    #expect(await world.pool.started == started)
                }
            }
            await world.close()
            await site.stop()
        }

        @Test("no browser here: unavailable, with the remedy; a dry run needs none")
        func dry() async throws {
            let site = try await PageSite.start(["/": .page("never")])
            let started = try await World.here().pool.started
            let plan = try await Call(reaching: site).plan(
                BrowserAutomation(),
                ["url": .string(site.origin), "steps": [["action": "click", "selector": "#a"]]])
            #expect(plan["steps"] == ["step 1 (click \"#a\")"])
            #expect(try await World.here().pool.started == started)
            #expect(site.connections == 0)
            await site.stop()
        }
    }
}

/// Processes of this machine, for counting what is left.
enum Processes {
    /// Those of a Chromium.
    static func chromiums() -> Set<Int32> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return Set(
            names.compactMap { Int32($0) }.filter { process in
                let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
                return String(decoding: words, as: UTF8.self).contains("chromium/chromium")
                    && String(decoding: words, as: UTF8.self).contains("/tmp/profile")
            })
    }

    /// Bytes that this process holds in memory.
    static var ownMemory: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4_096
    }
}
