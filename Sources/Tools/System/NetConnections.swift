package import ToolKit

/// The sockets of this machine's network namespace, without the processes that hold them.
package struct NetConnections: Tool {
    package let name = "net_connections"
    package let description = "Lists TCP and UDP sockets with their addresses and states."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Network connections", readOnly: true)

    static let maxConnections = 1_000
    static let tables = ["tcp", "tcp6", "udp", "udp6"]

    package init() {}

    package var availability: Availability { ProcFiles.availability }

    package func access(for arguments: NoArguments) throws(ToolFailure) -> Access { .observe(.connections) }

    package func plan(for arguments: NoArguments, in context: ToolContext) async throws -> [String: JSONValue] {
        [
            "summary": .string(
                "read the socket tables of /proc/net, at most \(Self.maxConnections) sockets; no packet is sent"),
            "reads": .array(Self.tables.map { .string("/proc/net/\($0)") }),
        ]
    }

    package func call(arguments: NoArguments, in context: ToolContext) async throws -> ToolOutput {
        let facts = ProcFiles(host: context.host, aspect: .connections)
        var connections: [JSONValue] = []
        var total = 0
        var readable = 0
        for table in Self.tables {
            guard let text = facts.text("/proc/net/\(table)") else { continue }
            readable += 1
            for line in text.split(separator: "\n").dropFirst() {
                if total.isMultiple(of: 256) { try context.checkLimits() }
                guard let socket = SocketLine(line, table: table) else { continue }
                total += 1
                if connections.count < Self.maxConnections { connections.append(socket.json) }
            }
        }
        guard readable > 0 else {
            throw ToolFailure(
                "not_readable", "the socket tables of this machine cannot be read",
                remedy: "let the daemon's user read /proc/net")
        }
        return ToolOutput(
            [
                "connections": .array(connections), "count": .integer(connections.count), "total": .integer(total),
                "truncated": .bool(total > connections.count),
            ], summary: "\(connections.count) of \(total) sockets")
    }
}
