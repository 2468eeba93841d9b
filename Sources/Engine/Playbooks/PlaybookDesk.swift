internal import Audit
package import Gate
internal import Logging
package import ToolKit

/// Where playbooks are kept, shown, and run.
///
/// A playbook is what others run, so only operators make and delete one; nobody changes one that is there, and a new one
/// under an old name has another id. Whoever may run tools may run a playbook: each of its steps is judged by the gate
/// when its turn comes, as a call of whoever runs it.
package final class PlaybookDesk: Sendable {
    let engine: Engine
    let store: any PlaybookStore
    /// `nil` where nothing can run a task; then playbooks can be kept and planned.
    package let runner: (any PlaybookRunning)?
    let time: any TimeSource
    let logger = Logger(label: "playbooks")
    private let changes = AsyncTurn()

    var gate: Gate { engine.gate }
    private var recorder: Recorder { engine.recorder }
    package var tools: PlaybookTools { PlaybookTools(gate.catalog, roots: gate.workspaceRoots) }

    package init(
        engine: Engine, store: any PlaybookStore, runner: (any PlaybookRunning)?, time: any TimeSource
    ) {
        self.engine = engine
        self.store = store
        self.runner = runner
        self.time = time
    }

    /// A playbook with how it fared.
    package struct Entry: Sendable, Hashable {
        package let playbook: Playbook
        package let statistics: PlaybookStatistics

        package var json: JSONValue { playbook.json(statistics) }
    }

    package struct Query: Sendable {
        package var order = Order.best
        package var category: String?
        package var tag: String?

        package init() {}

        /// Names break ties, so that a list is the same twice.
        package enum Order: String, Sendable, CaseIterable {
            /// By success and use, see ``PlaybookStatistics/score``.
            case best
            /// Those with the most runs first.
            case used
            /// Those that were made last first.
            case newest
            case name
        }
    }

    package func list(_ query: Query, by principal: Principal) async throws -> [Entry] {
        try principal.require(.listTools)
        let statistics = try await store.playbookStatistics()
        let all = BuiltInPlaybooks.all + (try await store.playbooks())
        return all.filter { playbook in
            (query.category.map { $0 == playbook.definition.category } ?? true)
                && (query.tag.map { playbook.definition.tags.contains($0) } ?? true)
        }
        .map { Entry(playbook: $0, statistics: statistics[$0.id] ?? PlaybookStatistics()) }
        .sorted { $0.precedes($1, by: query.order) }
    }

    /// - Returns: `nil` for an unknown one.
    package func entry(_ id: String, by principal: Principal) async throws -> Entry? {
        try principal.require(.listTools)
        guard let playbook = try await playbook(id) else { return nil }
        return Entry(
            playbook: playbook, statistics: try await store.playbookStatistics()[id] ?? PlaybookStatistics())
    }

    func playbook(_ id: String) async throws -> Playbook? {
        if let playbook = BuiltInPlaybooks.playbook(id) { return playbook }
        return Identifier.isWellFormed(id) ? try await store.playbook(id) : nil
    }

    /// Keeps a playbook that a person wrote.
    ///
    /// - Parameter read: Reads it, on a thread that may block.
    /// - Throws: ``ArgumentProblems`` for what is wrong with it, ``Refusal``, `AuditUnavailable`, `StoreUnavailable`.
    package func add(
        by principal: Principal, _ read: @Sendable (PlaybookTools) throws -> PlaybookDefinition
    ) async throws -> Entry {
        try principal.require(.configure)
        let tools = tools
        let definition = try await engine.blocking { try read(tools) }
        let playbook = Playbook(
            id: Identifier.make("pb"), definition: definition, createdBy: principal.name, createdAt: time.wall)
        // Whoever asks may hang up: what was recorded is kept.
        return try await Task {
            try await changes.take { try await keep(playbook) }
            return Entry(playbook: playbook, statistics: PlaybookStatistics())
        }.value
    }

    private func keep(_ playbook: Playbook) async throws {
        let name = playbook.definition.name
        let key = PlaybookDefinition.nameKey(name)
        let isTaken = try await store.playbooks().contains { PlaybookDefinition.nameKey($0.definition.name) == key }
        guard !isTaken, !BuiltInPlaybooks.holds(name: name) else { throw Self.nameTaken }
        try await record(before: nil, after: playbook.recorded, by: playbook.createdBy)
        do {
            switch try await store.insert(playbook, PlaybookStatistics()) {
            case .kept: return
            case .taken: throw Self.nameTaken
            case .full:
                throw Refusal(
                    .invalid, code: "playbooks_full",
                    "there are \(PlaybookLimits.playbooks) playbooks or \(PlaybookLimits.totalSize >> 20) MiB of them",
                    remedy: "delete some that nobody uses")
            }
        } catch {
            // What failed may have been kept all the same.
            if let kept = try? await store.playbook(playbook.id), kept == playbook { return }
            await recorder.retract(Self.change, playbook.recorded)
            throw error
        }
    }

    private static let nameTaken = Refusal(
        .invalid, code: "name_taken", "there is a playbook of this name",
        remedy: "choose another name, or delete that one"
    )

    /// - Returns: The playbook as it was; `nil` for an unknown one.
    package func remove(_ id: String, by principal: Principal) async throws -> Playbook? {
        try principal.require(.configure)
        guard BuiltInPlaybooks.playbook(id) == nil else {
            throw Refusal(
                .invalid, code: "built_in_playbook", "this playbook comes with the daemon and cannot be deleted",
                remedy: "leave it, or add one of your own under another name")
        }
        return try await Task {
            try await changes.take {
                guard let playbook = try await playbook(id) else { return nil }
                try await record(before: playbook.recorded, after: ["deleted": true], by: principal.name)
                do {
                    return try await store.removePlaybook(id) ? playbook : nil
                } catch {
                    let isGone = await isGone(id)
                    if isGone { return playbook }
                    await recorder.retract(Self.change, ["playbook_id": .string(id), "deleted": true])
                    throw error
                }
            }
        }.value
    }

    private func isGone(_ id: String) async -> Bool {
        // Whoever cannot even be asked has kept it, as far as anybody knows.
        do { return try await store.playbook(id) == nil } catch { return false }
    }

    /// - Returns: `false` when there is no room.
    func keepImported(_ playbook: Playbook, _ statistics: PlaybookStatistics) async throws -> Bool {
        try await record(before: nil, after: playbook.recorded, by: "import")
        guard try await store.insert(playbook, statistics) == .kept else {
            await recorder.retract(Self.change, playbook.recorded)
            return false
        }
        return true
    }

    private func record(before: JSONValue, after: JSONValue, by name: String) async throws {
        _ = try await recorder.log.append(recorder.change(Self.change, by: name, before: before, after: after))
    }

    /// What a change of the playbooks is called in the audit.
    package static let change = "change:playbook"
}

extension PlaybookDesk.Entry {
    fileprivate func precedes(_ other: Self, by order: PlaybookDesk.Query.Order) -> Bool {
        let (left, right) = (statistics, other.statistics)
        switch order {
        case .best:
            if left.score != right.score { return left.score > right.score }
            if left.runs != right.runs { return left.runs > right.runs }
        case .used: if left.runs != right.runs { return left.runs > right.runs }
        case .newest:
            if playbook.createdAt != other.playbook.createdAt { return playbook.createdAt > other.playbook.createdAt }
        case .name: break
        }
        return (playbook.definition.name, playbook.id) < (other.playbook.definition.name, other.playbook.id)
    }
}
