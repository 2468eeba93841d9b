internal import Synchronization
internal import ToolKit

/// The in-memory twin of ``EffectStore``: for tests, held to the same conformance suite as the durable one.
package final class InMemoryEffects: EffectStore {
    private struct Content {
        /// In the order they came; the place of one, counted from 1, is its cursor.
        var effects: [EffectRecord?] = []
        var undos: [UndoRecord] = []

        func place(_ id: String) -> Int? { effects.firstIndex { $0?.id == id } }

        var needed: Set<String> {
            var needed: Set<String> = []
            for record in effects.compactMap(\.self) where record.state.isLive {
                needed.formUnion(record.contents.keys)
            }
            for undo in undos where undo.evictedAt == nil { needed.formUnion(undo.contents.keys) }
            return needed
        }

        func freed(of contents: [String: Int]) -> [String] {
            let needed = needed
            return contents.keys.filter { !needed.contains($0) }.sorted()
        }

        /// In the order they came, as far as their times tell.
        var held: [(createdAt: Double, held: HeldContents)] {
            let effects = effects.compactMap(\.self).filter { $0.state == .previewed }.map { record in
                (
                    record.createdAt,
                    HeldContents(
                        kind: .effect, id: record.id, principal: record.principal,
                        bytes: record.contents.values.reduce(0, +))
                )
            }
            let changes = undos.filter { $0.evictedAt == nil && $0.problem == nil && !$0.isUndoing }.map { undo in
                (
                    undo.createdAt,
                    HeldContents(
                        kind: .change, id: undo.auditID, principal: undo.principal,
                        bytes: undo.contents.values.reduce(0, +))
                )
            }
            return (effects + changes).sorted { ($0.0, $0.1.id) < ($1.0, $1.1.id) }
        }
    }

    private let content = Mutex(Content())

    package init() {}

    package func insert(_ record: EffectRecord) async throws { content.withLock { $0.effects.append(record) } }

    package func effect(_ id: String) throws -> EffectRecord? {
        content.withLock { content in content.place(id).flatMap { content.effects[$0] } }
    }

    package func effects(_ query: EffectQuery) async throws -> EffectPage {
        content.withLock { content in
            let found = content.effects.enumerated().reversed().compactMap { place, record in
                record.map { (seq: place + 1, heading: $0.heading) }
            }.filter {
                $0.seq < query.before ?? .max && query.principal ?? $0.heading.principal == $0.heading.principal
            }
            let shown = found.prefix(query.limit)
            return EffectPage(
                effects: shown.map(\.heading), next: found.count > shown.count ? shown.last?.seq : nil)
        }
    }

    private func change(_ id: String, _ body: (inout EffectRecord) -> Bool) -> Bool {
        content.withLock { content in
            guard let place = content.place(id), var record = content.effects[place], body(&record) else {
                return false
            }
            content.effects[place] = record
            return true
        }
    }

    package func beginApplying(_ id: String, by auditID: String, at wall: Double) async throws -> Bool {
        change(id) { record in
            guard record.isOpen(at: wall) else { return false }
            record.state = .applying
            record.appliedAuditID = auditID
            return true
        }
    }

    package func stopApplying(_ id: String) async throws {
        _ = change(id) { record in
            guard record.state == .applying else { return false }
            record.state = .previewed
            record.appliedAuditID = nil
            return true
        }
    }

    package func endApplying(_ id: String, at wall: Double, undo: UndoRecord) async throws {
        let isEnded = change(id) { record in
            guard record.state == .applying else { return false }
            record.state = .applied
            record.endedAt = wall
            return true
        }
        if isEnded { content.withLock { $0.undos.append(undo) } }
    }

    package func end(_ id: String, as state: EffectRecord.State, at wall: Double) async throws -> [String]? {
        content.withLock { content in
            guard let place = content.place(id), var record = content.effects[place], record.state == .previewed else {
                return nil
            }
            record.state = state
            record.endedAt = wall
            content.effects[place] = record
            return content.freed(of: record.contents)
        }
    }

    package func extend(_ id: String, until wall: Double) async throws {
        _ = change(id) { record in
            guard record.state == .previewed else { return false }
            record.expiresAt = max(record.expiresAt, wall)
            return true
        }
    }

    package func overdueEffects(at wall: Double, limit: Int) async throws -> [String] {
        content.withLock { content in
            content.effects.compactMap(\.self).filter { $0.state == .previewed && $0.expiresAt <= wall }
                .sorted { $0.expiresAt < $1.expiresAt }.prefix(limit).map(\.id)
        }
    }

    package func insert(_ undo: UndoRecord) async throws { content.withLock { $0.undos.append(undo) } }

    package func undo(of auditID: String) throws -> UndoRecord? {
        content.withLock { $0.undos.first { $0.auditID == auditID } }
    }

    package func undoStates(of auditIDs: [String]) async throws -> [String: UndoState] {
        content.withLock { content in
            Dictionary(
                content.undos.filter { auditIDs.contains($0.auditID) }.map { ($0.auditID, $0.state) }
            ) { first, _ in first }
        }
    }

    package func beginUndoing(_ auditID: String, by undoing: String) async throws -> Bool {
        content.withLock { content in
            guard let place = content.undos.firstIndex(where: { $0.auditID == auditID }),
                content.undos[place].state == .possible
            else { return false }
            content.undos[place].undoneBy = undoing
            content.undos[place].isUndoing = true
            return true
        }
    }

    package func stopUndoing(_ auditID: String) async throws {
        content.withLock { content in
            guard let place = content.undos.firstIndex(where: { $0.auditID == auditID && $0.isUndoing }) else { return }
            content.undos[place].undoneBy = nil
            content.undos[place].isUndoing = false
        }
    }

    package func endUndoing(_ auditID: String, undo: UndoRecord) async throws {
        content.withLock { content in
            guard let place = content.undos.firstIndex(where: { $0.auditID == auditID && $0.isUndoing }) else { return }
            content.undos[place].isUndoing = false
            content.undos.append(undo)
        }
    }

    package func evict(_ auditID: String, at wall: Double) async throws -> [String]? {
        content.withLock { content in
            guard let place = content.undos.firstIndex(where: { $0.auditID == auditID }),
                content.undos[place].problem == nil, content.undos[place].evictedAt == nil,
                !content.undos[place].isUndoing
            else { return nil }
            content.undos[place].evictedAt = wall
            return content.freed(of: content.undos[place].contents)
        }
    }

    package func unfinished() async throws -> (effects: [EffectRecord], undos: [UndoRecord]) {
        content.withLock { content in
            (content.effects.compactMap(\.self).filter { $0.state == .applying }, content.undos.filter(\.isUndoing))
        }
    }

    package func holders() async throws -> [EffectHolder] {
        content.withLock { content in
            Dictionary(grouping: content.held.map(\.held), by: \.principal).map { principal, held in
                EffectHolder(
                    principal: principal, bytes: held.reduce(0) { $0 + $1.bytes },
                    previews: held.count { $0.kind == .effect })
            }
        }
    }

    package func oldestHeld(by principal: String, limit: Int) async throws -> [HeldContents] {
        content.withLock { content in
            let held = content.held.map(\.held).filter { $0.principal == principal }
            return Array((held.filter { $0.kind == .effect } + held.filter { $0.kind == .change }).prefix(limit))
        }
    }

    package func held(createdBefore wall: Double, limit: Int) async throws -> [HeldContents] {
        content.withLock { content in
            Array(
                content.held.filter { $0.createdAt < wall && $0.held.kind == .change }.map(\.held).prefix(limit))
        }
    }

    package func needs(_ sha256: String) async throws -> Bool { content.withLock { $0.needed.contains(sha256) } }

    package func neededContents() async throws -> Set<String> { content.withLock { $0.needed } }

    package func removeEnded(before wall: Double) async throws {
        content.withLock { content in
            for (place, record) in content.effects.enumerated() where record?.endedAt ?? .infinity < wall {
                content.effects[place] = nil
            }
            content.undos.removeAll { undo in
                (undo.problem != nil || undo.evictedAt != nil) && undo.createdAt < wall
            }
        }
    }
}
