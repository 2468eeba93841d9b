import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The files as any client gets them; no browser is needed.
@Suite(
    "The dashboard's files", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: Sandboxing.isOutside, "the sandbox has no openat2, which every workspace is opened with"))
struct FilesTests {
    private static func paths(in page: String) -> [String] {
        page.matches(of: /(?:href|src)="(\/[^"]+)"/).map { String($0.output.1) }
    }

    @Test("R52: come with a policy that lets nothing in but our own scripts and styles, and need no token")
    func policy() async throws {
        let daemon = try await Daemon(in: try Playground(), token: "an-operator-token")
        let page = try await daemon.send(.GET, "/", token: .some(nil))
        #expect(page.status == 200)
        let files = Self.paths(in: String(decoding: page.bytes, as: UTF8.self))
        #expect(files.count == 4)
        for path in ["/"] + files {
            let reply = try await daemon.send(.GET, path, token: .some(nil))
            #expect(reply.status == 200)
            let policy = reply.headers["content-security-policy"] ?? ""
            for part in [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                "form-action 'none'",
                "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
            ] {
                #expect(policy.contains(part), "\(path)")
            }
            #expect(!policy.contains("unsafe") && !policy.contains("*"))
            #expect(reply.headers["x-content-type-options"] == "nosniff")
            #expect(reply.headers["access-control-allow-origin"] == nil)
        }
        await daemon.stop()
    }

    @Test("are kept for good under a name of their content, the page itself is asked for again and not sent again")
    func caching() async throws {
        let daemon = try await Daemon(in: try Playground())
        let page = try await daemon.send(.GET, "/")
        #expect(page.headers["cache-control"] == "no-cache")
        let tag = try #require(page.headers["etag"])
        let again = try await daemon.send(.GET, "/", headers: ["If-None-Match": "\"other\", \(tag)"])
        #expect(again.status == 304 && again.bytes.isEmpty)
        #expect(try await daemon.send(.GET, "/", headers: ["If-None-Match": "\"other\""]).status == 200)
        for path in Self.paths(in: String(decoding: page.bytes, as: UTF8.self)) {
            #expect(try await daemon.send(.GET, path).headers["cache-control"] == "public, max-age=31536000, immutable")
        }
        await daemon.stop()
    }

    @Test(
        "R66: are looked up in a table, so that no spelling of a path leads anywhere else",
        arguments: [
            "/dashboard/", "/dashboard/app.js", "/dashboard/%2e%2e/app.js", "/dashboard/x/../app.js", "//app.js",
            "/index.html",
            "/dashboard/x/..%2f..%2fetc/passwd", "/app.js", "/page/app.js",
        ])
    func spellings(path: String) async throws {
        let daemon = try await Daemon(in: try Playground())
        let reply = try await daemon.send(.GET, path)
        #expect(reply.status == 404 || reply.status == 400, "\(path)")
        #expect(try await daemon.send(.POST, "/", [:]).status == 405)
        await daemon.stop()
    }

    @Test("R49: are not opened from another site")
    func foreign() async throws {
        let daemon = try await Daemon(in: try Playground())
        #expect(try await daemon.send(.GET, "/", headers: ["Sec-Fetch-Site": "cross-site"]).status == 403)
        #expect(try await daemon.send(.GET, "/", headers: ["Sec-Fetch-Site": "none"]).status == 200)
        await daemon.stop()
    }

    @Test("R47: tell nobody without a token who is here, and everybody else what they may do")
    func whoAmI() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground, token: "an-operator-token")
        let path = "/api/v1/execution/whoami"
        #expect(try await daemon.send(.GET, path, token: .some(nil)).status == 401)
        let own = try await daemon.send(.GET, path).json
        #expect(own["role"] == "operator" && own["permissions"]?.arrayValue?.contains("end_a_lockdown") == true)
        let made = try await daemon.send(
            .POST, "/api/v1/execution/tokens", ["role": "agent", "name": "bot", "tools": ["system_info"]])
        let token = try #require(made.json["token"]?.stringValue)
        let agent = try await daemon.send(.GET, path, token: .some(token)).json
        #expect(agent["principal"] == "bot" && agent["tools"] == ["system_info"])
        #expect(agent["permissions"] == ["list_tools", "run_tools", "read_its_own_records"])
        await daemon.stop()
        withExtendedLifetime(playground) {}
    }

    @Test("R52: make elements of no text: no innerHTML and nothing like it, no eval, no address of anybody else")
    func sources() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/CDashboard/page").standardizedFileURL
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.count > 20)
        let forbidden = [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "createContextualFragment",
            "eval(",
            "new Function", "setHTML", "srcdoc", "javascript:", "onclick=\"", "style=\"", "importScripts",
            "localStorage.token",
            "cssText",
        ]
        for name in names {
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            for word in forbidden { #expect(!text.contains(word), "\(name) has \(word)") }
            let foreign = text.matches(of: /https?:\/\/[^\s"'`)]+/).map { String($0.output) }
            #expect(
                foreign.allSatisfy { $0.hasPrefix("http://www.w3.org/") || $0 == "http://127.0.0.1:8000" },
                "\(name): \(foreign)")
            #expect(
                !text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || 0x7F...0x9F ~= $0.value }, "\(name)")
        }
    }
}
