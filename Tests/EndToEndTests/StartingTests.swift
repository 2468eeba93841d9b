import ToolKit
import Foundation
import Testing

@Suite(
    "Somebody who starts the daemon",
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .serialized,
    .timeLimit(.minutes(10)))
struct StartingTests {
    private func failure(_ arguments: String..., in playground: Playground, token: String? = nil) async throws -> String
    {
        var environment = Daemon.environment(of: playground)
        environment["EXECUTION_TOKEN"] = token
        let ending = try await Program.run(
            Daemon.executable, ["serve"] + arguments, environment: environment, folder: playground.workspace)
        #expect(ending.status != 0)
        #expect(!ending.errors.contains("Fatal error"))
        return ending.errors
    }

    @Test("in / or a home directory is told to name a project, and passes when forced")
    func workspace() async throws {
        let playground = try Playground()
        #expect(try await failure("--workspace", "/", "--port", "0", in: playground).contains("--force-workspace"))
        let own = try await failure("--workspace", playground.folder, "--port", "0", in: playground)
        #expect(own.contains("home directory"))
        let forced = try await Daemon(
            in: playground, arguments: ["--workspace", playground.folder, "--force-workspace"])
        #expect(await forced.stop().status == 0)
    }

    @Test("twice on one home is told who holds it")
    func second() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        let second = try await failure("--workspace", playground.workspace, "--port", "0", in: playground)
        #expect(second.contains("pid \(daemon.program.identifier)"))
        await daemon.stop()
        let third = try await Daemon(in: playground)
        #expect(await third.stop().status == 0)
    }

    @Test("on a taken port is told so, with the remedy")
    func port() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        let other = try Playground()
        let port = daemon.base.split(separator: ":").last.map(String.init) ?? ""
        let message = try await failure("--workspace", other.workspace, "--port", port, in: other)
        #expect(message.contains("port \(port)") && message.contains("--port"))
        await daemon.stop()
    }

    @Test("R51: on another address than loopback needs a token")
    func address() async throws {
        let playground = try Playground()
        let message = try await failure(
            "--workspace", playground.workspace, "--host", "0.0.0.0", "--port", "0", in: playground)
        #expect(message.contains("EXECUTION_TOKEN"))
        let daemon = try await Daemon(in: playground, token: "an-operator-token", arguments: ["--host", "0.0.0.0"])
        await daemon.stop()
    }

    @Test(
        "with a broken file is told the line and the field",
        arguments: [
            ("execution_layer_config.json", "{\n  \"max_steps_per_run\": 0\n}", "line 2"),
            ("execution_layer_config.json", "{", "line 1"),
            ("policy.yaml", "version: 1\npaths:\n  - nme: x\n", "nme"),
        ])
    func broken(_ file: String, _ text: String, _ expected: String) async throws {
        let playground = try Playground()
        try playground.write(text, to: "home/config/\(file)")
        let message = try await failure("--workspace", playground.workspace, "--port", "0", in: playground)
        #expect(message.contains(expected), "\(message)")
    }

    @Test("R35: finds the token in no place where another program could read it")
    func token() async throws {
        let playground = try Playground()
        let secret = "operator-secret-81735"
        let byVariable = try await Daemon(in: playground, token: secret)
        for file in ["environ", "cmdline", "status"] {
            let text = try? String(contentsOfFile: "/proc/\(byVariable.program.identifier)/\(file)", encoding: .utf8)
            #expect(text?.contains(secret) != true, "in \(file)")
        }
        #expect(try await byVariable.run("system_info").status == 200)
        _ = try await byVariable.run(
            "filesystem_read", ["path": .string(secret)], ["reason": .string("because \(secret)")])
        try playground.write("the token is \(secret).", to: "workspace/leak.txt")
        let read = try await byVariable.run("filesystem_read", ["path": "leak.txt"])
        #expect(!String(decoding: read.bytes, as: UTF8.self).contains(secret))
        #expect(read.json["result"]?["content"]?.stringValue?.contains("the token is") == true)
        let ending = await byVariable.stop()
        #expect(!(ending.output + ending.errors).contains(secret))
        #expect(!(try playground.read("home/logs/tools_audit.jsonl")).contains(secret))

        let byFlag = try await Daemon(in: playground, arguments: ["--token", secret])
        let line = try String(contentsOfFile: "/proc/\(byFlag.program.identifier)/cmdline", encoding: .utf8)
        #expect(line.contains("--token") && !line.contains(secret))
        #expect(try await byFlag.run("system_info", token: secret).status == 200)
        await byFlag.stop()
    }

    /// The kernel gives what lies below /proc/PID to root when a process may not be dumped. So the daemon runs as
    /// another user, beside a program of that user whose files are its own.
    @Test(
        "R35: can be neither dumped nor looked into by its own user's other programs",
        .enabled(if: geteuid() == 0, "only root may start a program as somebody else"))
    func inspection() async throws {
        let (playground, nobody) = (try Playground(), 65_534)
        for folder in [playground.folder, playground.workspace] { chown(folder, uid_t(nobody), gid_t(nobody)) }
        let wrapper = ["/usr/bin/setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups"]
        func owner(_ program: Program) throws -> Int? {
            let path = "/proc/\(program.identifier)/environ"
            return (try FileManager.default.attributesOfItem(atPath: path)[.ownerAccountID] as? NSNumber)?.intValue
        }
        let daemon = try await Daemon(in: playground, token: "an-operator-token", under: wrapper)
        #expect(try owner(daemon.program) == 0)
        let limits = try String(contentsOfFile: "/proc/\(daemon.program.identifier)/limits", encoding: .utf8)
        let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(core.split(separator: " ").suffix(3).prefix(2) == ["0", "0"], "\(core)")
        let control = try Program(wrapper[0], Array(wrapper.dropFirst()) + ["/usr/bin/sleep", "60"])
        while try String(contentsOfFile: "/proc/\(control.identifier)/comm", encoding: .utf8) != "sleep\n" {
            await Task.yield()
        }
        #expect(try owner(control) == nobody)
        control.signal(SIGKILL)
        await daemon.stop()
    }
}
