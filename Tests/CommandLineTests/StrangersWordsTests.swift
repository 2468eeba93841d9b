import ArgumentParser
import Testing
import ToolKit

@testable import execlayer

@Suite("Secrets and a stranger's words in what a verb prints")
struct StrangersWordsTests {
    private static let verbs: [[String]] = [
        ["run", "x"], ["tools"], ["tools", "enable", "x"], ["logs"], ["config"], ["config", "get", "a"],
        ["approve", "x"],
        ["lockdown"], ["lockdown", "on"], ["token", "list"], ["token", "revoke", "t"], ["audit", "show", "a"],
        ["doctor"],
        ["smoke"], ["token", "create", "--role", "agent", "--name", "n"],
    ]

    @Test("R35: no verb prints the token that it presents", arguments: verbs, [[401], [200]])
    func token(words: [String], status: [Int]) async throws {
        let all = words + ["--token", "s3cr3t-t0k3n"]
        let command = try #require(try ExecLayer.parseAsRoot(all) as? any Verb)
        let captured = CapturedTerminal(isInteractive: true)
        let door = TwinDoor.always(status[0], ["success": false, "detail": "who are you"])
        let session = Session(
            terminal: captured.terminal, environment: ["HOME": "/h"], currentFolder: "/", openHome: { _ in TwinHome() },
            connect: { _ in door }, readInput: { _ in [] })
        _ = await command.finish(in: session)
        #expect(!captured.everything.isEmpty)
        #expect(!captured.everything.contains("s3cr3t"))
    }

    @Test("R35: a token that cannot be sent is not shown either")
    func badToken() async throws {
        let run = try await CommandLineRun("logs", "--token", "s3cr3t t0k3n")
        #expect(run.status == .usage)
        #expect(!run.terminal.everything.contains("s3cr3t"))
    }

    @Test("R62: a refusal's words cannot act on the terminal", arguments: verbs)
    func words(words: [String]) async throws {
        let command = try #require(try ExecLayer.parseAsRoot(words) as? any Verb)
        let captured = CapturedTerminal(isInteractive: true)
        let hostile: JSONValue = ["success": false, "detail": "x\u{1B}[2J\u{202E}", "remedy": "y\u{9B}\r"]
        let session = Session(
            terminal: captured.terminal, environment: ["HOME": "/h"], currentFolder: "/", openHome: { _ in TwinHome() },
            connect: { _ in TwinDoor.always(403, hostile) }, readInput: { _ in [] })
        _ = await command.finish(in: session)
        #expect(!captured.everything.unicodeScalars.contains { "\u{1B}\u{202E}\u{9B}\r".unicodeScalars.contains($0) })
        // doctor makes its own words of a refusal; all others show the daemon's.
        #expect(words == ["doctor"] || captured.everything.contains("\\u001b[2J"))
    }

    @Test("a fault of ours shows its kind, never its content")
    func fault() async throws {
        struct Leaky: Error { let secret = "s3cr3t" }
        let door = TwinDoor { _ in throw Leaky() }
        let run = try await CommandLineRun("logs", door: door)
        #expect(run.status == .failed)
        #expect(!run.terminal.everything.contains("s3cr3t"))
    }
}
