package import ToolKit

/// All tools of this daemon. A name is an exact key: another case, a space or a look-alike letter is another name, and
/// an unknown one (SECURITY R14).
package struct ToolCatalog: Sendable {
    /// Sorted by name.
    package let entries: [CatalogEntry]
    private let places: [String: Int]

    /// - Throws: ``CatalogError`` when two tools claim one name; the daemon does not start then.
    package init(_ tools: [any Tool]) throws(CatalogError) {
        entries = tools.map { CatalogEntry($0) }.sorted { $0.name < $1.name }
        var places: [String: Int] = [:]
        for (place, entry) in entries.enumerated() {
            for name in [entry.name] + entry.tool.aliases {
                guard places.updateValue(place, forKey: name) == nil else { throw CatalogError(duplicateName: name) }
            }
        }
        self.places = places
    }

    /// The entry that a name or an alias stands for.
    package func entry(named name: String) -> CatalogEntry? {
        places[name].map { entries[$0] }
    }

    /// - Throws: ``Refusal`` that names the nearest known tool.
    package func require(_ name: String) throws(Refusal) -> CatalogEntry {
        if let entry = entry(named: name) { return entry }
        let shown = String(name.unicodeScalars.prefix(64))
        let remedy =
            if let nearest = Spelling.nearest(to: shown, among: places.keys) {
                "did you mean \(nearest)? GET /api/v1/execution/tools lists all tools"
            } else {
                "GET /api/v1/execution/tools lists all tools"
            }
        throw Refusal(.invalid, code: "unknown_tool", "unknown tool: \(shown)", remedy: remedy)
    }
}

/// Two tools claim one name.
package struct CatalogError: Error, Sendable, Hashable, CustomStringConvertible {
    package let duplicateName: String

    package var description: String { "two tools are named \(duplicateName)" }
}
