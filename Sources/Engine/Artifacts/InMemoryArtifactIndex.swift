internal import Synchronization
internal import ToolKit

/// The index of kept files without a disk, in the order of insertion.
package final class InMemoryArtifactIndex: ArtifactIndex {
    private let rows = Mutex<(next: Int, all: [(seq: Int, record: ArtifactRecord)])>((1, []))

    package init() {}

    package struct IsThere: Error {}

    package func insert(_ record: ArtifactRecord) async throws {
        try rows.withLock { rows in
            guard !rows.all.contains(where: { $0.record.artifact.id == record.artifact.id }) else { throw IsThere() }
            rows.all.append((rows.next, record))
            rows.next += 1
        }
    }

    package func removeArtifacts(_ ids: [String]) async throws {
        rows.withLock { rows in rows.all.removeAll { ids.contains($0.record.artifact.id) } }
    }

    package func artifact(_ id: String) async throws -> ArtifactRecord? {
        rows.withLock { $0.all.first { $0.record.artifact.id == id }?.record }
    }

    package func artifacts(_ query: ArtifactQuery) async throws -> ArtifactPage {
        let found = rows.withLock { rows in
            rows.all.reversed().filter { row in
                row.seq < query.before ?? .max && query.auditID ?? row.record.call.auditID == row.record.call.auditID
                    && query.principal ?? row.record.call.principal == row.record.call.principal
            }
        }
        let shown = found.prefix(query.limit)
        return ArtifactPage(
            records: shown.map(\.record), next: found.count > shown.count ? shown.last?.seq : nil)
    }

    package func oldestArtifacts(_ count: Int, of principal: String) async throws -> [ArtifactRecord] {
        rows.withLock { rows in
            Array(rows.all.lazy.map(\.record).filter { $0.call.principal == principal }.prefix(count))
        }
    }

    package func artifactHolders() async throws -> [ArtifactHolder] {
        rows.withLock { rows in
            Dictionary(grouping: rows.all.map(\.record), by: \.call.principal).map { principal, records in
                ArtifactHolder(
                    principal: principal, count: records.count, bytes: records.reduce(0) { $0 + $1.artifact.size })
            }
        }
    }

    package func artifactTotals() async throws -> (count: Int, bytes: Int) {
        rows.withLock { ($0.all.count, $0.all.reduce(0) { $0 + $1.record.artifact.size }) }
    }

    package func artifactIDs() async throws -> Set<String> {
        rows.withLock { Set($0.all.map(\.record.artifact.id)) }
    }

    package func artifactIDs(ofCalls auditIDs: [String]) async throws -> Set<String> {
        rows.withLock { rows in
            Set(rows.all.filter { auditIDs.contains($0.record.call.auditID) }.map(\.record.artifact.id))
        }
    }
}
