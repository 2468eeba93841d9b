package import ToolKit

/// All tools of this daemon. A name is an exact key: another case, a space or a look-alike letter is another name, and
/// an unknown one (SECURITY R14).
package struct ToolCatalog: Sendable {
    /// Those that callers may name, sorted by name.
    package let entries: [CatalogEntry]
    private let known: [String: CatalogEntry]
    private let names: [String]

    /// - Parameter internalTools: Tools that no caller may name.
    /// - Throws: ``CatalogError`` when two tools claim one name; the daemon does not start then.
    package init(_ tools: [any Tool], internalTools: [any Tool] = []) throws(CatalogError) {
        entries = tools.map { CatalogEntry($0) }.sorted { $0.name < $1.name }
        var known: [String: CatalogEntry] = [:]
        for entry in entries + internalTools.map({ CatalogEntry($0, isInternal: true) }) {
            for name in [entry.name] + entry.tool.aliases {
                guard known.updateValue(entry, forKey: name) == nil else { throw CatalogError(duplicateName: name) }
            }
        }
        self.known = known
        names = known.filter { !$0.value.isInternal }.keys.sorted()
    }

    /// The entry that a name or an alias stands for.
    ///
    /// - Parameter allowsInternal: Whether it may be one that no caller may name.
    package func entry(named name: String, allowsInternal: Bool = false) -> CatalogEntry? {
        known[name].flatMap { $0.isInternal && !allowsInternal ? nil : $0 }
    }

    /// - Parameter allowsInternal: As in ``entry(named:allowsInternal:)``.
    /// - Throws: ``Refusal`` that names the nearest known tool.
    package func require(_ name: String, allowsInternal: Bool = false) throws(Refusal) -> CatalogEntry {
        if let entry = entry(named: name, allowsInternal: allowsInternal) { return entry }
        let shown = String(name.unicodeScalars.prefix(64))
        let remedy =
            if let nearest = Spelling.nearest(to: shown, among: names) {
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
