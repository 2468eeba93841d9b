internal import ToolKit

/// Token records for people.
enum TokenText {
    static func table(_ tokens: [JSONValue]) -> String {
        var table = TextTable(
            .init(title: "token id", limit: 64), .init(title: "name", limit: 64), .init(title: "role"),
            .init(title: "tools"), .init(title: "created"), .init(title: "expires"), .init(title: "revoked"))
        for token in tokens {
            let tools = token["tools"]?.arrayValue.map { $0.compactMap(\.stringValue).joined(separator: ", ") }
            table.add([
                token["token_id"]?.stringValue ?? "", token["name"]?.stringValue ?? "",
                token["role"]?.stringValue ?? "", tools ?? "all", time(token, "created_at"),
                time(token, "expires_at", without: "never"), time(token, "revoked_at"),
            ])
        }
        return table.text
    }

    private static func time(_ token: JSONValue, _ name: String, without: String = "-") -> String {
        token[name]?.doubleValue.map(Timestamp.text) ?? without
    }
}
