package import ToolKit

/// The running processes by name. Command lines are left out: people pass secrets in them.
package struct ProcessList: Tool {
    package struct Arguments: ToolArguments {
        package let limit: Int

        package static let schema = ArgumentSchema(
            .optional("limit", .integer(1...1_000), default: 20, "At most so many, by process number."))
    }

    package let name = "process_list"
    package let description = "Lists processes with number, name and state; never their command lines."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Processes", readOnly: true)

    package init() {}

    package var availability: Availability { ProcFiles.availability }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access { .observe(.processes) }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        [
            "summary": .string(
                "read number, name and state of at most \(arguments.limit) processes from /proc; no program is started"),
            "limit": .integer(arguments.limit),
        ]
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let numbers = try context.host.names(in: "/proc", for: .processes).compactMap { Int($0) }.sorted()
        let facts = ProcFiles(host: context.host, aspect: .processes)
        var processes: [JSONValue] = []
        for number in numbers {
            guard processes.count < arguments.limit else { break }
            try context.checkLimits()
            // One that ended meanwhile is left out.
            guard let text = facts.text("/proc/\(number)/stat"), let process = Self.process(number, text) else {
                continue
            }
            processes.append(process)
        }
        return ToolOutput(
            [
                "processes": .array(processes), "count": .integer(processes.count),
                "total": .integer(numbers.count),
                "truncated": .bool(processes.count == arguments.limit && numbers.count > arguments.limit),
            ], summary: "\(processes.count) of \(numbers.count) processes")
    }

    /// `7 (name) S …`, where the name itself may hold parentheses and spaces.
    private static func process(_ number: Int, _ text: String) -> JSONValue? {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else { return nil }
        let state = text[text.index(after: close)...].first { $0 != " " }
        return [
            "pid": .integer(number),
            "name": .string(String(text[text.index(after: open)..<close])),
            "status": .string(state.flatMap { states[$0] } ?? "unknown"),
        ]
    }

    private static let states: [Character: String] = [
        "R": "running", "S": "sleeping", "D": "disk-sleep", "Z": "zombie", "T": "stopped", "t": "tracing-stop",
        "I": "idle", "X": "dead", "x": "dead", "P": "parked", "W": "waking",
    ]
}
