internal import Gate
internal import Logging
internal import ToolKit

extension PlaybookDesk {
    /// Takes over what the older system kept; the file itself is left alone. Done again, it adds nothing.
    ///
    /// - Returns: How many were taken over, and a sentence for each that was not.
    /// - Throws: `AuditUnavailable`, `StoreUnavailable`: some may have been taken over then.
    package func importOlder(_ bytes: [UInt8]) async throws -> (count: Int, warnings: [String]) {
        let tools = tools
        let wall = time.wall
        let older = try await engine.blocking { OlderPlaybooks(reading: bytes, tools: tools, at: wall) }
        var warnings = older.warnings
        var count = 0
        var known = try await store.playbooks()
        for entry in older.entries {
            let playbook = entry.playbook
            let name = playbook.definition.name
            // From an import that a crash has ended.
            if known.contains(where: { $0.definition == playbook.definition }) { continue }
            let key = PlaybookDefinition.nameKey(name)
            guard !BuiltInPlaybooks.holds(name: name),
                !known.contains(where: {
                    $0.id == playbook.id || PlaybookDefinition.nameKey($0.definition.name) == key
                })
            else {
                warnings.append(Self.notImported(name, "its name or its id is there already"))
                continue
            }
            if try await keepImported(playbook, entry.statistics) {
                count += 1
                known.append(playbook)
            } else {
                warnings.append(Self.notImported(name, "there are too many"))
            }
        }
        return (count, warnings)
    }

    private static func notImported(_ name: String, _ reason: String) -> String {
        "the playbook \(JSONWriter.quoted(String(name.prefix(64)))) was not imported: \(reason)"
    }
}
