/// `Cargo.toml`: the dependency tables, those for one platform and of a workspace included, and
/// `[dependencies.name]` tables.
enum RustManifest {
    private static let tables = ["dependencies", "dev-dependencies", "build-dependencies"]

    static func dependencies(_ text: String) -> [Dependency] {
        var found: [Dependency] = []
        for entry in TOMLEntries(text) {
            let path = entry.table.split(separator: ".").map(String.init)
            if let last = path.last, tables.contains(last) {
                // `name.workspace = true` and `name.version = "1"` are one dependency.
                let name = entry.key.prefix { $0 != "." }
                found.append(Dependency(name, entry.key.hasSuffix(".workspace") ? "" : entry.version))
            } else if path.count >= 2, tables.contains(path[path.count - 2]), entry.key == "version" {
                found.append(Dependency(path[path.count - 1], entry.version))
            }
        }
        return found
    }
}
