import Foundation
import Testing
import ToolKit

extension InABrowser {
    /// A page has many ways to make a browser ask somebody for something. Each is tried twice: at a listener that policy
    /// opens, where it has to arrive, or the test would show nothing, and at one that it does not open.
    @Suite("A page that wants what policy does not open")
    struct ForbiddenReachTests {
        struct Way: Sendable, CustomTestStringConvertible {
            let name: String
            /// What the page holds, `@@` standing for the origin it wants to reach.
            let page: String
            /// False for what Chromium does for nobody, or what leaves no HTTP request at the listener.
            var isSeenWhenAllowed = true

            var testDescription: String { name }
        }

        static let ways: [Way] = [
            Way(name: "image", page: "<img src='@@/hit'>"),
            Way(name: "image set", page: "<img srcset='@@/hit 1x'>"),
            Way(name: "picture", page: "<picture><source srcset='@@/hit'><img src=data:,></picture>"),
            Way(name: "script", page: "<script src='@@/hit'></script>"),
            Way(name: "module", page: "<script type=module src='@@/hit'></script>"),
            Way(name: "import()", page: "<script type=module>import('@@/hit').catch(() => 0)</script>"),
            Way(name: "style sheet", page: "<link rel=stylesheet href='@@/hit'>"),
            Way(name: "@import", page: "<style>@import url('@@/hit');</style>"),
            Way(name: "background", page: "<style>body { background: url('@@/hit') }</style>"),
            Way(
                name: "font",
                page: "<style>@font-face { font-family: f; src: url('@@/hit') } p { font-family: f }</style><p>text"),
            Way(name: "fetch", page: "<script>fetch('@@/hit').catch(() => 0)</script>"),
            Way(
                name: "fetch without CORS", page: "<script>fetch('@@/hit', { mode: 'no-cors' }).catch(() => 0)</script>"
            ),
            Way(
                name: "keepalive",
                page: "<script>fetch('@@/hit', { keepalive: true, mode: 'no-cors' }).catch(() => 0)</script>"),
            Way(
                name: "XMLHttpRequest",
                page: "<script>const x = new XMLHttpRequest(); x.open('GET', '@@/hit'); x.send()</script>"),
            Way(name: "beacon", page: "<script>navigator.sendBeacon('@@/hit', 'a')</script>"),
            // Switched off for everybody.
            Way(
                name: "ping", page: "<a id=a href='#x' ping='@@/hit'>a</a><script>a.click()</script>",
                isSeenWhenAllowed: false),
            Way(
                name: "form",
                page: "<form id=f method=post action='@@/hit'></form><script>onload = () => f.submit()</script>"),
            Way(
                name: "form in a frame",
                page:
                    "<iframe name=g></iframe><form id=f target=g action='@@/hit'></form><script>onload = () => f.submit()</script>"
            ),
            Way(name: "refresh", page: "<meta http-equiv=refresh content=\"0;url='@@/hit'\">"),
            Way(name: "location", page: "<script>onload = () => { location = '@@/hit' }</script>"),
            Way(name: "frame", page: "<iframe src='@@/hit'></iframe>"),
            Way(name: "frame in a frame", page: "<iframe srcdoc=\"<img src='@@/hit'>\"></iframe>"),
            Way(
                name: "sandboxed frame",
                page: "<iframe sandbox=allow-scripts srcdoc=\"<script src='@@/hit'></script>\"></iframe>"),
            Way(name: "object", page: "<object data='@@/hit'></object>"),
            Way(name: "embed", page: "<embed src='@@/hit'>"),
            Way(name: "video", page: "<video src='@@/hit' autoplay></video>"),
            Way(name: "audio", page: "<audio src='@@/hit' autoplay></audio>"),
            Way(
                name: "track", page: "<video><track default kind=captions src='@@/hit'></video>",
                isSeenWhenAllowed: false),
            Way(name: "poster", page: "<video poster='@@/hit'></video>"),
            Way(name: "EventSource", page: "<script>new EventSource('@@/hit')</script>"),
            Way(name: "WebSocket", page: "<script>new WebSocket('@@/hit'.replace('http', 'ws'))</script>"),
            Way(name: "icon", page: "<link rel=icon href='@@/hit'>", isSeenWhenAllowed: false),
            Way(name: "manifest", page: "<link rel=manifest href='@@/hit'>", isSeenWhenAllowed: false),
            Way(name: "prefetch", page: "<link rel=prefetch href='@@/hit'>"),
            Way(name: "preload", page: "<link rel=preload as=script href='@@/hit'>"),
            Way(name: "modulepreload", page: "<link rel=modulepreload href='@@/hit'>"),
            Way(name: "preconnect", page: "<link rel=preconnect href='@@'>", isSeenWhenAllowed: false),
            Way(name: "dns-prefetch", page: "<link rel=dns-prefetch href='@@'>", isSeenWhenAllowed: false),
            Way(
                name: "speculation",
                page:
                    "<script type=speculationrules>{\"prerender\":[{\"source\":\"list\",\"urls\":[\"@@/hit\"]}]}</script>",
                isSeenWhenAllowed: false),
            Way(name: "base", page: "<base href='@@/'><img src=hit>"),
            Way(name: "SVG image", page: "<svg><image href='@@/hit' /></svg>"),
            Way(name: "SVG use", page: "<svg><use href='@@/hit#a' /></svg>", isSeenWhenAllowed: false),
            Way(name: "redirect", page: "<img src='/to?@@/hit'>"),
            Way(name: "redirected frame", page: "<iframe src='/to?@@/hit'></iframe>"),
            Way(
                name: "redirected fetch",
                page: "<script>fetch('/to?@@/hit', { mode: 'no-cors' }).catch(() => 0)</script>"),
            Way(
                name: "worker",
                page:
                    "<script>new Worker(URL.createObjectURL(new Blob([`fetch('@@/hit', { mode: 'no-cors' })`])))</script>"
            ),
            Way(
                name: "worker's scripts",
                page: "<script>new Worker(URL.createObjectURL(new Blob([`importScripts('@@/hit')`])))</script>"),
            Way(
                name: "worker in a worker",
                page: """
                    <script>new Worker(URL.createObjectURL(new Blob([`new Worker(URL.createObjectURL(new Blob(["fetch('@@/hit', { mode: 'no-cors' })"])))`])))</script>
                    """),
            Way(name: "shared worker", page: "<script>new SharedWorker('/shared.js?@@')</script>"),
            Way(name: "service worker", page: "<script>navigator.serviceWorker.register('/service.js?@@')</script>"),
            Way(name: "window", page: "<script>open('@@/hit')</script>"),
            Way(
                name: "window that is written to",
                page: "<script>const w = open('about:blank'); w.document.write(\"<img src='@@/hit'>\")</script>"),
            Way(name: "download", page: "<a id=a download href='@@/hit'>a</a><script>a.click()</script>"),
            Way(
                name: "WebRTC",
                page: """
                    <script>const p = new RTCPeerConnection({ iceServers: [{ urls: 'stun:@@'.replace('http://', '') },
                      { urls: 'turn:@@?transport=tcp'.replace('http://', ''), username: 'a', credential: 'b' }] });
                    p.createDataChannel('a'); p.createOffer().then(o => p.setLocalDescription(o))</script>
                    """, isSeenWhenAllowed: false),
            Way(
                name: "WebTransport",
                page:
                    "<script>try { new WebTransport('@@/hit'.replace('http', 'https')).ready.catch(() => 0) } catch {}</script>",
                isSeenWhenAllowed: false),
            Way(
                name: "fenced frame",
                page:
                    "<fencedframe></fencedframe><script>document.querySelector('fencedframe').src = '@@/hit'</script>",
                isSeenWhenAllowed: false),
        ]

        /// A page of each way, and helpers that they ask for.
        private static func answer(_ request: PageSite.Request, wanted: String) -> PageSite.Reply {
            let query = request.path.split(separator: "?", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
            switch request.path.prefix(while: { $0 != "?" }) {
            case "/to": return .redirect(query)
            case "/shared.js": return .script("fetch('\(query)/hit', { mode: 'no-cors' })")
            case "/service.js":
                return .script(
                    "addEventListener('install', e => e.waitUntil(fetch('\(query)/hit', { mode: 'no-cors' }).catch(() => 0)))"
                )
            case "/report":
                return .page(
                    "<img src='\(wanted)/hit'>",
                    "content-security-policy: img-src 'none'; report-uri \(wanted)/hit\r\n")
            default:
                guard let number = Int(request.path.dropFirst()), ways.indices.contains(number) else { return .missing }
                return .page("<title>\(number)</title><body>" + ways[number].page.replacing("@@", with: wanted))
            }
        }

        /// Asked for by each page once it has done what it can.
        private static let pause: JSONValue = ["action": "wait", "ms": 400]

        @Test("R39: none of many ways leads to a listener that no rule opens")
        func forbidden() async throws {
            let forbidden = try await PageSite.start { _ in .text("forbidden") }
            let wanted = forbidden.origin
            let site = try await PageSite.start { Self.answer($0, wanted: wanted) }
            // Each in a page of its own: whoever leaves takes the others along. Two at a time, as many as there are browsers.
            for start in stride(from: 0, to: Self.ways.count, by: 2) {
                let numbers = start..<min(start + 2, Self.ways.count)
                await withTaskGroup { group in
                    for number in numbers {
                        group.addTask { await Self.tryWay(number, of: site) }
                    }
                }
                #expect(forbidden.connections == 0, "\(numbers.map { Self.ways[$0].name })")
            }
            _ = try? await Call(reaching: site).browse(site.origin + "/report", [Self.pause])
            #expect(forbidden.connections == 0)
            #expect(site.requests.count >= Self.ways.count)
            await site.stop()
            await forbidden.stop()
        }

        private static func tryWay(_ number: Int, of site: PageSite) async {
            let call = Call(reaching: site)
            _ = try? await call.browse("\(site.origin)/\(number)", [pause])
            #expect(
                call.connections.entries.allSatisfy { entry in
                    entry.verdict == .deny || entry.endpoint?.port == site.port
                }, "\(ways[number].name)")
        }

        @Test("the same ways lead to a listener that a rule opens")
        func allowed() async throws {
            let wanted = try await PageSite.start { _ in
                .text("", "text/javascript", "access-control-allow-origin: *\r\n")
            }
            let origin = wanted.origin
            let site = try await PageSite.start { Self.answer($0, wanted: origin) }
            for (number, way) in Self.ways.enumerated() where way.isSeenWhenAllowed {
                let before = wanted.requests.count
                // Longer on a machine that does other things.
                for time: JSONValue in [100, 1_000, 5_000] where wanted.requests.count == before {
                    _ = try? await Call(reaching: site, wanted).browse(
                        "\(site.origin)/\(number)", [["action": "wait", "ms": time]])
                }
                #expect(wanted.requests.count > before, "\(way.name)")
            }
            await site.stop()
            await wanted.stop()
        }

        @Test("what was blocked stands in the answer and in the ledger of the call, and the page goes on")
        func told() async throws {
            let forbidden = try await PageSite.start { _ in .text("forbidden") }
            let wanted = forbidden.origin
            let site = try await PageSite.start([
                "/": .page("<img src='\(wanted)/a.png'><p id=p>here</p>")
            ])
            let call = Call(reaching: site)
            let result = try await call.browse(site.origin, [["action": "extract", "selector": "#p"]])
            await site.stop()
            await forbidden.stop()
            #expect(result["steps"]?.arrayValue?.last?["result"] == "here")
            #expect(result["blocked"]?.arrayValue?.first?["target"]?.stringValue == wanted)
            #expect(result["blocked"]?.arrayValue?.first?["kind"] == "Image")
            #expect(call.connections.entries.contains { $0.verdict == .deny && $0.endpoint?.port == forbidden.port })
            #expect(call.connections.entries.contains { $0.verdict == .allow && $0.endpoint?.port == site.port })
        }

        @Test("the browser asks for nothing on its own account")
        func quiet() async throws {
            let site = try await PageSite.start(["/": .page("<title>quiet</title><form><input type=password></form>")])
            let call = Call(reaching: site)
            _ = try await call.browse(site.origin, [["action": "wait", "ms": 1_500]])
            await site.stop()
            #expect(!call.connections.entries.isEmpty)
            // What a page of another test had asked for may come a moment late; it is all on this machine.
            let strangers = call.connections.entries.filter { $0.endpoint?.host != .address(.v4(0x7F00_0001)) }
            #expect(strangers == [])
        }

        @Test("an allowlist of the call narrows what policy opens")
        func narrowed() async throws {
            let other = try await PageSite.start { _ in .text("other") }
            let (origin, port) = (other.origin, other.port)
            let site = try await PageSite.start(["/": .page("<img src='\(origin)/a'>")])
            let call = Call(reaching: site, other)
            _ = try await call.browse(
                site.origin, [Self.pause], ["allowlist": [.string("127.0.0.1:\(site.port)")]])
            #expect(other.connections == 0)
            let failure = try await call.failure(
                browsing: site.origin, [], ["allowlist": [.string("127.0.0.1:\(port)")]])
            #expect(failure?.code == "policy_blocked")
            _ = try await call.browse(site.origin, [Self.pause])
            #expect(other.connections > 0)
            await site.stop()
            await other.stop()
        }

        @Test(
            "neither files nor the browser's own pages are opened",
            arguments: [
                "file:///etc/passwd", "chrome://version", "ftp://127.0.0.1/", "view-source:http://127.0.0.1/",
                "javascript:alert(1)", "data:text/html,hello",
            ])
        func schemes(url: String) async throws {
            let site = try await PageSite.start(["/": .page("<title>start</title>")])
            let failure = try await Call(reaching: site).failure(browsing: url)
            #expect(failure?.code == "invalid_url")
            let step = try await Call(reaching: site).failure(
                browsing: site.origin, [["action": "navigate", "url": .string(url)]])
            #expect(step?.code == "invalid_step")
            await site.stop()
        }

        @Test("legitimate pages work: a WebSocket, a service worker, a worker, a module")
        func works() async throws {
            let site = try await PageSite.start([
                "/": .page(
                    """
                    <script type=module>
                    import { word } from '/module.js';
                    const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket');
                    const said = new Promise(done => { socket.onmessage = e => done(e.data) });
                    socket.onopen = () => socket.send('hello');
                    const worker = new Worker('/worker.js');
                    const worked = new Promise(done => { worker.onmessage = e => done(e.data) });
                    await navigator.serviceWorker.register('/service.js');
                    await navigator.serviceWorker.ready;
                    const served = await new Promise(done => {
                      const frame = document.createElement('iframe');
                      frame.src = '/served';
                      frame.onload = () => done(frame.contentDocument.body.textContent);
                      document.body.append(frame);
                    });
                    const p = document.createElement('p');
                    p.id = 'all';
                    p.textContent = [word, await said, await worked, served].join(' ');
                    document.body.append(p);
                    </script><body>
                    """), "/module.js": .script("export const word = 'module'"), "/socket": .echoes,
                "/worker.js": .script("fetch('/word').then(r => r.text()).then(t => postMessage(t))"),
                "/word": .text("worker"),
                "/service.js": .script(
                    "onactivate = e => e.waitUntil(clients.claim()); onfetch = e => { if (e.request.url.endsWith('/served')) e.respondWith(new Response('served')) }"
                ),
            ])
            let result = try await Call(reaching: site).browse(
                site.origin, [["action": "extract", "selector": "#all"]])
            await site.stop()
            #expect(result["steps"]?.arrayValue?.last?["result"] == "module hello worker served")
        }
    }
}
