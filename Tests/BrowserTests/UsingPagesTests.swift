import Testing
import ToolKit
import Tools

extension InABrowser {
    @Suite("Steps on a page")
    struct UsingPagesTests {
        static let form = PageSite.Reply.page(
            """
            <title>Sign in</title>
            <form action=/welcome method=post>
              <label for=user>User</label><input id=user name=user value=nobody>
              <select name=team id=team><option value=a>Alpha</option><option value=b>Beta</option></select>
              <input type=checkbox name=stay id=stay>
              <button id=go>Go</button>
            </form>
            """)

        private func site(_ more: [String: PageSite.Reply] = [:]) async throws -> PageSite {
            try await PageSite.start(["/": Self.form].merging(more) { $1 })
        }

        @Test("fill a form in and send it off with real input")
        func form() async throws {
            let site = try await PageSite.start { request in
                if request.path == "/welcome" { return .page("<title>Welcome</title><p id=said>\(request.body)</p>") }
                return Self.form
            }
            let result = try await Call(reaching: site).browse(
                site.origin,
                [
                    ["action": "fill", "selector": "#user", "text": "Zoë & 日本"],
                    ["action": "select", "selector": "#team", "value": "Beta"],
                    ["action": "click", "selector": "#stay"], ["action": "click", "selector": "#go"],
                    ["action": "extract", "selector": "#said"],
                ])
            await site.stop()
            #expect(
                result["steps"]?.arrayValue?.last?["result"]
                    == "user=Zo%C3%AB+%26+%E6%97%A5%E6%9C%AC&team=b&stay=on")
            #expect(result["final_url"]?.stringValue == site.origin + "/welcome")
            #expect(result["title"] == "Welcome")
        }

        @Test("wait for what comes later")
        func dynamic() async throws {
            let site = try await PageSite.start([
                "/": .page(
                    """
                    <button id=more>More</button><div id=list></div>
                    <script>more.onclick = () => setTimeout(() => fetch('/items').then(r => r.json()).then(items => {
                      list.innerHTML = items.map(i => `<p class=item>${i}</p>`).join('') }), 300)</script>
                    """),
                "/items": .text(#"["one","two","three"]"#, "application/json"),
            ])
            let result = try await Call(reaching: site).browse(
                site.origin,
                [
                    ["action": "click", "selector": "#more"], ["action": "wait_for", "selector": ".item:nth-child(3)"],
                    ["action": "extract", "selector": ".item", "all": true],
                ])
            await site.stop()
            #expect(result["steps"]?.arrayValue?.last?["result"] == ["one", "two", "three"])
        }

        @Test("reach into frames, of the same site and of another")
        func frames() async throws {
            let inner = PageSite.Reply.page(
                "<button id=b style='margin:40px' onclick=\"document.title='x';this.textContent='clicked'\">Press</button>"
            )
            let other = try await PageSite.start(["/": inner])
            let site = try await PageSite.start([
                "/": .page(
                    "<div style=height:900px></div><iframe id=near src=/inner></iframe>"
                        + "<iframe id=far src='http://localhost:\(other.port)/'></iframe>"), "/inner": inner,
            ])
            let result = try await Call(reaching: site, other).browse(
                site.origin,
                ["#near", "#far"].flatMap { frame -> [JSONValue] in
                    [
                        ["action": "click", "selector": "#b", "frame": .string(frame)],
                        ["action": "extract", "selector": "#b", "frame": .string(frame)],
                    ]
                })
            await site.stop()
            await other.stop()
            let steps = try #require(result["steps"]?.arrayValue)
            #expect(steps.count == 4)
            #expect(steps[1]["result"] == "clicked")
            #expect(steps[3]["result"] == "clicked")
        }

        @Test("press keys, scroll, and look once more")
        func keys() async throws {
            let site = try await PageSite.start([
                "/": .page(
                    """
                    <input id=a autofocus><div style=height:3000px></div><p id=end>end</p>
                    <script>a.onkeydown = e => { if (e.key === 'Enter') document.title = 'entered ' + a.value }</script>
                    """)
            ])
            let result = try await Call(reaching: site).browse(
                site.origin,
                [
                    ["action": "type", "selector": "#a", "text": "abc"],
                    ["action": "press", "selector": "#a", "key": "Control+a"],
                    ["action": "type", "selector": "#a", "text": "d", "clear": true],
                    ["action": "press", "selector": "#a", "key": "Enter"], ["action": "scroll", "selector": "#end"],
                    ["action": "extract", "selector": "#a", "what": "value"],
                ])
            await site.stop()
            #expect(result["title"] == "entered d")
            #expect(result["steps"]?.arrayValue?.last?["result"] == "d")
        }

        @Test("name the step and the selector when there is nothing to click")
        func nothing() async throws {
            let site = try await site()
            let failure = try await Call(reaching: site).failure(
                browsing: site.origin,
                [["action": "click", "selector": "#stay"], ["action": "click", "selector": "#gone"]],
                ["timeout_ms": 3_000])
            await site.stop()
            #expect(failure?.code == "element_not_found")
            #expect(failure?.message.hasPrefix("step 2 (click \"#gone\")") == true)
            #expect(failure?.result?["steps"]?.arrayValue?.count == 1)
        }

        @Test(
            "say what is in the way",
            arguments: [
                ("#hidden", "element_not_visible"), ("#under", "element_covered"), ("#off", "element_disabled"),
                ("p:::x", "invalid_selector"),
            ])
        func obstacles(selector: String, code: String) async throws {
            let site = try await PageSite.start([
                "/": .page(
                    """
                    <button id=hidden style=display:none>a</button>
                    <button id=off disabled>b</button>
                    <div style='position:relative'><button id=under>c</button>
                    <div style='position:absolute;inset:0;background:red'></div></div>
                    """)
            ])
            let failure = try await Call(reaching: site).failure(
                browsing: site.origin, [["action": "click", "selector": .string(selector)]], ["timeout_ms": 3_000])
            await site.stop()
            #expect(failure?.code == code)
        }

        @Test("follow redirects, and end where there is no end to them")
        func redirects() async throws {
            let site = try await PageSite.start { request in
                switch request.path {
                case "/a": .redirect("/b")
                case "/b": .redirect("/c", status: 307)
                case "/c": .page("<title>there</title>")
                default: .redirect("/loop")
                }
            }
            let result = try await Call(reaching: site).browse(site.origin + "/a")
            #expect(result["title"] == "there")
            let failure = try await Call(reaching: site).failure(browsing: site.origin + "/loop")
            await site.stop()
            #expect(failure?.code == "too_many_redirects")
        }

        @Test("begin with an empty browser each time")
        func fresh() async throws {
            let site = try await PageSite.start { request in
                .page("<title>\(request.field("cookie") ?? "none")</title>", "set-cookie: a=1\r\n")
            }
            let call = Call(reaching: site)
            let again = try await call.browse(
                site.origin, [["action": "navigate", "url": "/"]])
            #expect(again["title"] == "a=1")
            #expect(try await call.browse(site.origin)["title"] == "none")
            await site.stop()
        }
    }

    @Suite("A picture of a page")
    struct PictureTests {
        private func site() async throws -> PageSite {
            try await PageSite.start([
                "/": .page(
                    "<body style=margin:0><div id=box style='width:120px;height:80px;background:teal'></div><div style=height:2000px>"
                )
            ])
        }

        @Test("is kept as an artifact with its size")
        func artifact() async throws {
            let site = try await site()
            let call = Call(reaching: site)
            let result = try await call.run(ScreenshotCapture(), ["url": .string(site.origin)])
            await site.stop()
            #expect(result["width"] == 1_280)
            #expect(result["height"] == 720)
            #expect(call.artifacts["screenshot.png"]?.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
        }

        @Test("shows all of the page, or one element, and goes into a file of the workspace")
        func areas() async throws {
            let site = try await site()
            let call = Call(reaching: site)
            let whole = try await call.run(ScreenshotCapture(), ["url": .string(site.origin), "full_page": true])
            let element = try await call.run(
                ScreenshotCapture(),
                ["url": .string(site.origin), "selector": "#box", "path": "shots/box.png"])
            await site.stop()
            #expect(whole["height"] == 2_080)
            #expect(element["width"] == 120)
            #expect(element["height"] == 80)
            #expect(try World.here().file("shots/box.png")?.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
        }
    }
}
