internal import ToolKit

/// Kept files for people.
enum ArtifactText {
    static func table(_ artifacts: [JSONValue]) -> String {
        var table = TextTable(
            .init(title: "kept"), .init(title: "artifact id", limit: 64), .init(title: "size", alignment: .right),
            .init(title: "name", limit: 80), .init(title: "tool", limit: 32), .init(title: "principal", limit: 24),
            .init(title: "audit id", limit: 64))
        for artifact in artifacts {
            table.add([
                artifact["created_at"]?.doubleValue.map(Timestamp.text) ?? "", text(artifact, "artifact_id"),
                text(artifact, "size"), text(artifact, "name"), text(artifact, "tool_name"),
                text(artifact, "principal"), text(artifact, "audit_id"),
            ])
        }
        return table.text
    }

    private static func text(_ artifact: JSONValue, _ name: String) -> String {
        artifact[name].map { TextCell.text(of: $0) } ?? ""
    }
}
