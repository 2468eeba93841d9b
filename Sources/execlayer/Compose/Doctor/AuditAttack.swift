internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import Synchronization
internal import ToolKit

/// A call while the audit's disk is full (SECURITY R60), through the same engine and gate, over a home of doctor's own.
struct AuditAttack {
    func finding() async -> DoctorFinding { await .attempt("unwritable audit", attack) }

    private func attack() async throws -> DoctorFinding {
        let scratch = try ScratchFolder()
        let disk = FillingDisk(try DiskLogStorage(folder: scratch.path))
        let log = try AuditLog.open(
            AuditLogConfiguration(signer: try AuditKeyFile.load(from: DiskLogStorage(folder: scratch.path))) {
                Date().timeIntervalSince1970
            },
            index: InMemoryAuditIndex(), files: disk)
        do {
            let finding = try await attack(log, disk, scratch)
            disk.empty()
            await log.close()
            return finding
        } catch {
            disk.empty()
            await log.close()
            throw error
        }
    }

    private func attack(_ log: AuditLog, _ disk: FillingDisk, _ scratch: ScratchFolder) async throws -> DoctorFinding {
        let tool = CountingTool()
        let time = SystemTime()
        let state = InMemoryState()
        let gate = Gate(
            catalog: try ToolCatalog([tool]),
            configuration: try ConfigurationFile(
                path: scratch.path + "/configuration.json", knownTools: KnownTools(adding: [tool])),
            policy: try PolicyFile(path: scratch.path + "/policy.yaml"),
            lockdown: try await Lockdown(store: state, time: time), approvals: state, inbox: state,
            standingGrants: try await StandingGrants(store: state, time: time), rateLimits: .standard,
            workspaceRoots: ["/workspace"], time: time)
        let redactor = Redactor(knownSecrets: [])
        let engine = Engine(
            gate: gate, recorder: Recorder(log: log, redactor: redactor, time: time),
            artifacts: try await ArtifactStore(
                folder: scratch.path, index: InMemoryArtifactIndex(), log: log, redactor: redactor, time: time),
            keys: state, runner: tool, pool: BlockingPool(width: 1, name: "doctor"), time: time)
        let call = ToolCall(toolName: tool.name, arguments: ["path": "notes.txt"])

        let control = await engine.answer(call, from: Authenticator.owner, through: "doctor")
        guard control.isSuccess, tool.runs == 1 else {
            throw Undecided("the call does not run with a working audit either: \(control.code ?? "no code")")
        }
        disk.fill()
        let answer = await engine.answer(call, from: Authenticator.owner, through: "doctor")
        var breaches: [String] = []
        if tool.runs != 1 { breaches.append("a tool ran although nothing could be recorded") }
        if answer.isSuccess || answer.code != "audit_unavailable" {
            breaches.append("the answer does not say that nothing could be recorded")
        }
        return .attack(
            "unwritable audit", breaches: breaches, held: "with a full disk a call is refused before it runs",
            fix: "stop the daemon and report this")
    }
}

/// Changes something as far as the gate knows, and only counts its runs. Its own runner, so that no file is involved.
private final class CountingTool: Tool, Runner {
    struct Arguments: ToolArguments {
        var path: WorkspacePath

        static let schema = ArgumentSchema(.required("path", .path, "What would be changed."))
    }

    let name = "doctor_write"
    let aliases: [String] = []
    let description = "Counts its runs."
    let risk = Risk.low
    let isEnabledByDefault = true
    let isIdempotent = true
    let annotations = ToolAnnotations(title: "Doctor", readOnly: false)
    let availability = Availability.available
    private let count = Atomic(0)

    var runs: Int { count.load(ordering: .sequentiallyConsistent) }

    func access(for arguments: Arguments) -> Access { Access(places: [Access.Place(arguments.path, .write)]) }

    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] { [:] }

    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        ToolOutput([:], summary: "counted")
    }

    func run(_ grant: consuming Grant, at site: CallSite) async -> Outcome {
        count.add(1, ordering: .sequentiallyConsistent)
        return .succeeded(ToolOutput([:], summary: "counted"))
    }
}
