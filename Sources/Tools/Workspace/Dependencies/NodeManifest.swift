internal import ToolKit

/// `package.json`.
enum NodeManifest {
    private static let sections = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]

    static func dependencies(_ text: String) -> [Dependency] {
        // A manifest that is no JSON names nothing.
        guard let document = try? JSONReader.read(text) else { return [] }
        return sections.flatMap { section in
            (document[section]?.objectValue ?? [:]).sorted { $0.key < $1.key }.map { name, version in
                Dependency(name, version.stringValue ?? "")
            }
        }
    }
}
