package import ToolKit

/// What `execlayer audit verify` found.
package struct Verification: Sendable, Hashable {
    package struct Problem: Sendable, Hashable {
        package let kind: LineProblem.Kind
        /// One clause without a full stop.
        package let message: String
        package let file: String
        /// Counted from 1 over all files; `nil` when it is not about a line.
        package let line: Int?
    }

    /// Good lines before the first problem, or all.
    package var lines = 0
    /// Hash of the last good line.
    package var head = LineHash.none
    package var files = 0
    package var checkpoints = 0
    /// The first thing that is wrong; what follows it proves nothing any more.
    package var problem: Problem?
    /// Lines that a start found missing, those that somebody took note of included.
    package var losses: [AuditLoss] = []
    /// Witnesses that are there and cannot be read, one clause each: they prove nothing, and it is no fault of the log.
    package var remarks: [String] = []
    /// Bytes of a last line without an end: a crash, not a fault.
    package var tornBytes = 0

    package var isGood: Bool { problem == nil }

    package var json: JSONValue {
        var fields: [String: JSONValue] = [
            "ok": .bool(isGood), "lines": .integer(lines), "head": .string(head.hex), "files": .integer(files),
            "checkpoints": .integer(checkpoints), "torn_bytes": .integer(tornBytes),
        ]
        if !remarks.isEmpty { fields["remarks"] = .array(remarks.map(JSONValue.string)) }
        if !losses.isEmpty { fields["losses"] = .array(losses.map(\.json)) }
        if let problem {
            fields["problem"] = [
                "kind": .string(problem.kind.rawValue), "message": .string(problem.message),
                "file": .string(problem.file), "line": JSONValue(problem.line),
            ]
        }
        return .object(fields)
    }
}

extension AuditLoss {
    var json: JSONValue {
        [
            "first_seq": .integer(lines.lowerBound), "last_seq": .integer(lines.upperBound),
            "last_hash": .string(hash.hex), "is_cut": .bool(isCut), "found_at": .number(foundAt),
            "acknowledged_at": acknowledgedAt.map(JSONValue.number) ?? .null,
        ]
    }
}
