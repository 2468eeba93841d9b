import Browser
import Egress
import Foundation
import Machine
import Sandbox
import Surroundings
import Synchronization
import Testing
import ToolKit
import Tools

/// A daemon's browsers without the daemon: one for all tests.
final class World: Sendable {
    @TaskLocal static var current: World?
    /// Whose calls a test makes.
    @TaskLocal static var caller = "tester"

    /// False without Chromium or bubblewrap, and inside a sandbox, where no other can be built.
    static func works() async -> Bool {
        guard !Surroundings.isInsideSandbox, BrowserProgram.find() != nil else { return false }
        return await examined.value
    }

    private static let examined = Task {
        await SandboxHost.find().examined(workspace: nil).confinement == .full
    }

    static func here() throws -> World { try #require(World.current) }

    let supervisors: SupervisorPool
    let egress: Egress
    let pool: BrowserPool
    let workspace: WorkspaceRoot
    private let folder: String

    init(settings: BrowserPool.Settings = BrowserPool.Settings()) throws {
        supervisors = try SupervisorPool(host: SandboxHost.find(), cgroups: CallCgroups())
        egress = Egress()
        pool = BrowserPool(
            try #require(BrowserProgram.find()), in: supervisors, through: egress, settings: settings)
        folder = FileManager.default.temporaryDirectory.path + "/browser-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        workspace = try WorkspaceRoot(opening: folder)
    }

    func close() async {
        await pool.close()
        await supervisors.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// What the file of the workspace holds.
    func file(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: folder + "/" + path).map { [UInt8]($0) }
    }
}

/// One call of a tool, as the gate would have admitted it.
final class Call: Sendable {
    let connections = CallConnections()
    let artifacts = KeptInMemory()
    let rules: PortRules
    let time: Duration

    init(reaching sites: PageSite..., time: Duration = .seconds(240)) {
        rules = PortRules(ports: Set(sites.map(\.port)))
        self.time = time
    }

    func run<T: Tool>(_ tool: T, _ arguments: [String: JSONValue]) async throws -> JSONValue {
        let (decoded, context) = try prepare(tool, arguments)
        return try await tool.call(arguments: decoded, in: context).result
    }

    func plan<T: Tool>(_ tool: T, _ arguments: [String: JSONValue]) async throws -> [String: JSONValue] {
        let (decoded, context) = try prepare(tool, arguments)
        return try await tool.plan(for: decoded, in: context)
    }

    private func prepare<T: Tool>(
        _ tool: T, _ arguments: [String: JSONValue]
    ) throws -> (T.Arguments, ToolContext) {
        let canonical = try T.Arguments.schema.canonical(arguments, roots: [])
        let decoded = try ArgumentDecoder.decode(T.Arguments.self, from: canonical)
        let access = try tool.access(for: decoded)
        let world = try World.here()
        let deadline = ContinuousClock.now + time
        let context = ToolContext(
            files: BeneathFiles(root: world.workspace, access: access, rules: AnyPath()), host: NoFacts(),
            browser: CallBrowser(
                world.pool, owner: World.caller, granted: [], rules: rules, connections: connections, deadline: deadline
            ),
            artifacts: artifacts, deadline: deadline)
        return (decoded, context)
    }

    /// The failure of a call that is to fail.
    func failure<T: Tool>(of tool: T, _ arguments: [String: JSONValue]) async throws -> ToolFailure? {
        do {
            _ = try await run(tool, arguments)
            return nil
        } catch let failure as ToolFailure {
            return failure
        }
    }

    /// `browser_automation` on a page with steps.
    func browse(
        _ url: String, _ steps: [JSONValue] = [], _ more: [String: JSONValue] = [:]
    ) async throws -> JSONValue {
        try await run(BrowserAutomation(), more.merging(["url": .string(url), "steps": .array(steps)]) { $1 })
    }

    func failure(
        browsing url: String, _ steps: [JSONValue] = [], _ more: [String: JSONValue] = [:]
    ) async throws -> ToolFailure? {
        try await failure(of: BrowserAutomation(), more.merging(["url": .string(url), "steps": .array(steps)]) { $1 })
    }
}

/// Ports of this machine that calls may reach.
struct PortRules: HostRules {
    var ports: Set<Int>

    func decision(on endpoint: WebEndpoint) -> HostDecision {
        let isOpen = ports.contains(endpoint.port)
        return HostDecision(
            verdict: isOpen ? .allow : .deny, rule: isOpen ? "test" : nil, reach: .anywhere,
            sentence: "no rule lets calls reach \(endpoint)", remedy: "list it")
    }
}

struct AnyPath: PathRules {
    func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict { .allow }
}

struct NoFacts: HostFacts {
    func text(of path: String, for aspect: Access.HostAspect) throws -> String { "" }
    func names(in path: String, for aspect: Access.HostAspect) throws -> [String] { [] }
    func destination(of path: String, for aspect: Access.HostAspect) throws -> String? { nil }
    func diskSpace(for aspect: Access.HostAspect) throws -> (total: Int, available: Int) { (0, 0) }
}

final class KeptInMemory: ArtifactKeeper {
    private let kept = Mutex<[(Artifact, [UInt8])]>([])

    let largestFile = 32 << 20

    func keep(_ name: String, from source: any ArtifactSource) async throws(ArtifactRefusal) -> Artifact {
        guard let bytes = try? source.read(offset: 0, count: source.size) else {
            throw ArtifactRefusal("it cannot be read")
        }
        let artifact = Artifact(id: "a\(bytes.count)", name: name, size: bytes.count, sha256: "")
        kept.withLock { $0.append((artifact, bytes)) }
        return artifact
    }

    subscript(name: String) -> [UInt8]? { kept.withLock { $0.first { $0.0.name == name }?.1 } }
    var names: [String] { kept.withLock { $0.map(\.0.name) } }
}

/// One world for all tests of a suite.
struct WorldTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let world = try World()
        do {
            try await World.$current.withValue(world) { try await function() }
        } catch {
            await world.close()
            throw error
        }
        await world.close()
    }
}

extension Trait where Self == WorldTrait {
    static var world: Self { Self() }
}

/// All suites with a real browser, one after the other: they share it.
@Suite(
    "A real browser", .serialized,
    .enabled("needs Chromium and a sandbox of its own") { await World.works() }, .world)
enum InABrowser {}
