internal import Engine
internal import Foundation
internal import Gate
internal import Machine
internal import ToolKit

extension OfflineLayer {
    func proposePolicy(_ places: ProgramPlaces, writing: Bool) async throws -> PolicyProposal {
        try await pool.run { try makeProposal(places, writing) }
    }

    private func makeProposal(_ places: ProgramPlaces, _ writing: Bool) throws -> PolicyProposal {
        let workspace = try WorkspaceChoice.open(location.workspace, isForced: false)
        let project = ProjectSurvey(of: workspace.path)
        let machine = MachineSurvey(for: project, userHome: places.userHome, searchPath: places.searchPath)
        let file = location.home + "/config/" + PolicyFile.name
        let tooling = Self.checks(of: machine.toolchains)
        var proposal = PolicyProposal(
            file: file, workspace: workspace.path, tests: project.tests, toolchains: [],
            rules: project.rules + tooling, notes: project.notes + machine.notes)
        for toolchain in machine.toolchains {
            if let problem = Self.problem(of: toolchain) {
                proposal.notes.append("\(toolchain.folder) cannot be listed: \(problem)")
            } else {
                proposal.toolchains.append(toolchain)
            }
        }
        proposal.text = PolicyProposal.text(
            toolchains: proposal.toolchains, rules: proposal.rules, standard: DefaultPolicy.yaml,
            workspace: workspace.path)
        let policy = try StartFailure.explaining("the proposed policy") {
            try Policy(yaml: Array(proposal.text.utf8), roots: workspace.spellings)
        }
        proposal.notes += Self.distrusted(proposal.toolchains, policy)
        if FileManager.default.fileExists(atPath: file) {
            proposal.missing = try missing(of: proposal, roots: workspace.spellings)
        } else if writing {
            try write(proposal)
            proposal.isWritten = true
        }
        return proposal
    }

    /// Rules for checkers that a listed toolchain brings along.
    private static func checks(of toolchains: [ToolchainProposal]) -> [CommandProposal] {
        let programs = Set(toolchains.flatMap(\.programs).map { Disk.name($0) })
        let known = [
            CommandProposal(
                name: "ruff", words: [["ruff"], ["check", "format"]],
                reason: "a linter that has no place to write only reads", match: ["ruff check src"],
                notMatch: ["ruff clean", "ruff server"]),
            CommandProposal(
                name: "mypy", words: [["mypy"]], reason: "a type checker runs confined and without a network",
                writes: [".mypy_cache"], match: ["mypy src"], notMatch: ["python -m mypy"]),
            CommandProposal(
                name: "black", words: [["black"], ["--check", "--diff"]],
                reason: "a formatter that has no place to write only reads", match: ["black --check src"],
                notMatch: ["black src"]),
        ]
        return known.filter { programs.contains($0.words[0][0]) }
    }

    /// Why a policy could not list it, or `nil`.
    private static func problem(of toolchain: ToolchainProposal) -> String? {
        do throws(FileProblem) {
            _ = try Policy(yaml: Array(("version: 1\ncommands: []\ntoolchains:\n" + toolchain.yaml).utf8))
            return nil
        } catch {
            return error.reason
        }
    }

    /// Programs that would be listed and still not started.
    private static func distrusted(_ toolchains: [ToolchainProposal], _ policy: Policy) -> [String] {
        toolchains.flatMap { toolchain in
            toolchain.programs.compactMap { program in
                let name = Disk.name(program)
                guard case .untrusted(let reason) = policy.commands.programs.finding(name) else { return nil }
                return "\(name) of \(toolchain.folder) \(reason), so it would not be started"
            }
        }
    }

    /// The toolchains and rules that the file in force does not have.
    private func missing(of proposal: PolicyProposal, roots: [String]) throws -> String {
        let current = try StartFailure.explaining(PolicyFile.name) { try PolicyFile(path: proposal.file, roots: roots) }
            .current.commands
        let folders = Set(current.programs.toolchains.map(\.folder))
        let names = Set(current.rules.map(\.name))
        let toolchains = proposal.toolchains.filter { !folders.contains($0.folder) }
        let rules = proposal.rules.filter { !names.contains($0.name) }
        var parts: [String] = []
        if !toolchains.isEmpty {
            parts.append("# Below toolchains:\n" + toolchains.map(\.yaml).joined(separator: "\n"))
        }
        if !rules.isEmpty {
            let hasOwn = Disk.text(proposal.file)?.contains("\ncommands:") == true
            let place =
                hasOwn
                ? "# Below commands:\n" : "# Below commands:, which replaces the default rules, so copy those too:\n"
            parts.append(place + rules.map(\.yaml).joined(separator: "\n"))
        }
        return parts.joined(separator: "\n")
    }

    /// In one step, and never over a file that somebody made in the meantime.
    private func write(_ proposal: PolicyProposal) throws {
        let home = try Home(opening: location.home)
        let draft = home.configuration + "/.policy-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: draft) }
        do {
            guard
                FileManager.default.createFile(
                    atPath: draft, contents: Data(proposal.text.utf8), attributes: [.posixPermissions: 0o600])
            else { throw CocoaError(.fileWriteUnknown) }
            try FileManager.default.linkItem(atPath: draft, toPath: home.configuration + "/" + PolicyFile.name)
        } catch {
            throw HomeProblem(
                message: "policy.yaml could not be written to \(home.configuration)",
                remedy: "look whether it exists now and whether this user may write there, and try again")
        }
    }
}
