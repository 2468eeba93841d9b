import Foundation
import Testing
import ToolKit

/// The real program, which looks at folders that stand for a home and a workspace.
@Suite(
    "Somebody who sets up a project",
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"))
struct InitTests {
    /// A workspace with a virtual environment, and the Python of a version manager that it was made with.
    private func python() throws -> Playground {
        let playground = try Playground(below: "/var/tmp")
        try playground.write("[project]\nname = \"app\"\n", to: "workspace/pyproject.toml")
        try playground.write("home = somewhere\n", to: "workspace/.venv/pyvenv.cfg")
        try playground.place(program: ".pyenv/versions/3.12.4/bin/python3.12", "exit 0")
        try playground.write("", to: ".pyenv/versions/3.12.4/lib/python3.12/os.py")
        try playground.link(
            "workspace/.venv/bin/python", to: playground.folder + "/.pyenv/versions/3.12.4/bin/python3.12")
        try playground.link("workspace/.venv/bin/python3", to: "python")
        try playground.place(program: "workspace/.venv/bin/pytest", "exit 0")
        return playground
    }

    private func proposal(_ playground: Playground, _ more: String...) async throws -> JSONValue {
        let ended = try await Program.run(
            Daemon.executable, ["init", "--json"] + more, environment: Daemon.environment(of: playground),
            folder: playground.workspace)
        return try JSONReader.read(Array(ended.output.utf8))
    }

    @Test("is shown a whole policy, and nothing is written")
    func shown() async throws {
        let playground = try python()
        let ended = try await execlayer("init", in: playground)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.output.contains("toolchains:"))
        #expect(ended.output.contains("name: secrets"))
        #expect(ended.output.contains("name: pytest"))
        #expect(ended.errors.contains("nothing was written"))
        #expect(!playground.exists("home"))
    }

    @Test("is proposed the virtual environment and the Python behind it")
    func virtualEnvironment() async throws {
        let playground = try python()
        let proposal = try await proposal(playground)
        let toolchains = proposal["toolchains"]?.arrayValue ?? []
        #expect(
            toolchains.map { $0["folder"] } == [
                .string(playground.workspace + "/.venv"), .string(playground.folder + "/.pyenv/versions/3.12.4"),
            ])
        #expect(toolchains.first?["programs"] == ["bin/python", "bin/python3", "bin/pytest"])
        #expect(proposal["tests"]?.arrayValue?.first?["command"] == "python -m pytest")
    }

    @Test("writes it when told to, and what is written loads with all of its examples")
    func written() async throws {
        let playground = try python()
        let ended = try await execlayer("init", "--write", in: playground)
        #expect(ended.status == 0, "\(ended.errors)")
        let check = try await execlayer("policy", "check", "--", "pytest", "-q", in: playground)
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        #expect(check.output.contains(playground.workspace + "/.venv/bin/pytest"))
        let mode = try FileManager.default.attributesOfItem(atPath: playground.home + "/config/policy.yaml")
        #expect(mode[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: playground.home + "/config") == ["policy.yaml"])
    }

    @Test("is told what is wrong with a broken file, where, and what to do, by every verb that reads it")
    func broken() async throws {
        let playground = try Playground(below: "/var/tmp")
        try playground.write("", to: "home/logs/.keep")
        let path = playground.home + "/config/policy.yaml"
        try playground.write(
            "version: 1\ncommands:\n  - name: x\n    run: [ls]\n    verdict: maybe\n    reason: y\n",
            to: "home/config/policy.yaml")
        for question in [[], ["--read", "a.txt"], ["--", "git", "status"]] {
            let check = try await Program.run(
                Daemon.executable, ["policy", "check"] + question, environment: Daemon.environment(of: playground),
                folder: playground.workspace)
            #expect(check.status == 1)
            #expect(check.errors.hasPrefix("execlayer: \(path) cannot be used: line "), "\(check.errors)")
            #expect(check.errors.contains("line 5: commands[0].verdict must be allow"))
            #expect(check.errors.contains("remedy: mend the file"))
        }
        // The control: mended, it loads.
        try playground.write("version: 1\n", to: "home/config/policy.yaml")
        #expect(try await execlayer("policy", "check", in: playground).status == 0)
        try playground.write("{\"dry_run_default\": 7}\n", to: "home/config/execution_layer_config.json")
        let tool = try await execlayer("policy", "check", "--tool", "git_status", in: playground)
        #expect(tool.errors.contains("execution_layer_config.json cannot be used: "), "\(tool.errors)")
    }

    @Test("keeps the file that is there, to the byte, and is told what it lacks")
    func existing() async throws {
        let playground = try python()
        try playground.write("version: 1 # mine\n", to: "home/config/policy.yaml")
        try playground.write("", to: "home/logs/.keep")
        let ended = try await execlayer("init", "--write", in: playground)
        #expect(ended.status == 1)
        #expect(try playground.read("home/config/policy.yaml") == "version: 1 # mine\n")
        #expect(ended.output.contains(playground.workspace + "/.venv"))
        #expect(!ended.output.contains("name: secrets"))
    }

    @Test("is told that a file which has everything needs nothing")
    func complete() async throws {
        let playground = try python()
        _ = try await execlayer("init", "--write", in: playground)
        let again = try await proposal(playground, "--write")
        #expect(again["missing"] == "")
        #expect(again["written"] == false)
    }

    @Test("is proposed the Node that the project asks for, and a rule for its own scripts")
    func node() async throws {
        let playground = try Playground(below: "/var/tmp")
        for version in ["v18.20.4", "v20.11.0", "v20.9.0"] {
            try playground.place(program: ".nvm/versions/node/\(version)/bin/node", "exit 0")
            try playground.place(program: ".nvm/versions/node/\(version)/bin/npm", "exit 0")
        }
        try playground.write("20\n", to: "workspace/.nvmrc")
        try playground.write(
            #"{"scripts":{"test":"node --test","test:e2e":"x","deploy":"x","lint; rm":"x"}}"#,
            to: "workspace/package.json")
        let proposal = try await proposal(playground)
        #expect(
            proposal["toolchains"]?.arrayValue?.map { $0["folder"] } == [
                .string(playground.folder + "/.nvm/versions/node/v20.11.0")
            ])
        #expect(proposal["rules"]?.arrayValue?.map { $0["match"] } == [["npm run test:e2e"]])
        #expect(proposal["tests"]?.arrayValue?.first?["command"] == "npm test")
    }

    @Test("is told why a program that others can change would not be started")
    func untrusted() async throws {
        let playground = try python()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: playground.workspace + "/.venv/bin/pytest")
        let notes = try await proposal(playground)["notes"]?.arrayValue ?? []
        #expect(notes.contains { $0.stringValue?.contains("can be changed by others") == true }, "\(notes)")
    }

    @Test("gets a policy without toolchains for a workspace that needs none")
    func nothing() async throws {
        let playground = try Playground()
        let proposal = try await proposal(playground)
        #expect(proposal["toolchains"] == [])
        #expect(proposal["tests"] == [])
        #expect(proposal["policy"]?.stringValue?.contains("toolchains: []") == true)
    }

    @Test("is not led to another folder by a virtual environment that an agent made")
    func forgedEnvironment() async throws {
        let playground = try Playground(below: "/var/tmp")
        try playground.write("home = x\n", to: "workspace/.venv/pyvenv.cfg")
        try playground.place(program: "secrets/bin/tool", "exit 0")
        try playground.link("workspace/.venv/bin/python", to: playground.folder + "/secrets/bin/tool")
        let proposal = try await proposal(playground)
        let folders = proposal["toolchains"]?.arrayValue?.compactMap { $0["folder"]?.stringValue } ?? []
        #expect(folders == [playground.workspace + "/.venv"])
        #expect(proposal["notes"]?.arrayValue?.contains { $0.stringValue?.contains("/secrets/") == true } == true)
    }

    @Test("finds nothing that a workspace's own links and odd names point at")
    func hostile() async throws {
        let playground = try Playground(below: "/var/tmp")
        try playground.write("../../../../etc\n", to: "workspace/.python-version")
        try playground.write("[tool]\n", to: "workspace/pyproject.toml")
        try playground.link("workspace/package.json", to: "/dev/zero")
        try playground.link("workspace/Makefile", to: "/etc/passwd")
        let ended = try await execlayer("init", "--json", in: playground)
        #expect(ended.status == 0, "\(ended.errors)")
        let proposal = try JSONReader.read(Array(ended.output.utf8))
        #expect(proposal["toolchains"]?.arrayValue?.contains { $0["folder"] == "/etc" } != true)
        #expect(proposal["policy"]?.stringValue?.contains("root:x") == false)
    }
}
