internal import Audit
internal import Engine
internal import Gate
internal import Logging
internal import ToolKit

extension Layer {
    /// Writes the refused calls that the gate only counted (SECURITY R59): one line for each caller, tool and minute.
    ///
    /// - Parameter all: Also those of the current minute, for a daemon that stops.
    func recordCountedRefusals(all: Bool = false) async {
        for summary in gate.refusalTally.drain(at: time.wall, all: all) {
            let record = AuditRecord(
                .refusal, auditID: Identifier.make("req"),
                fields: [
                    "tool_name": .string(summary.tool), "principal": .string(summary.principal),
                    "ts": .number(time.wall), "status": .string(CallStatus.rateLimited.rawValue),
                    "code": "rate_limited", "count": .integer(summary.count), "since": .integer(summary.minuteStart),
                    "error": .string("\(summary.count) more refused calls like this in one minute"),
                ])
            do {
                _ = try await log.append(record)
            } catch {
                // They were refused all the same.
                Logger(label: "audit").warning(
                    "refused calls could not be recorded", metadata: ["count": "\(summary.count)"])
            }
        }
    }
}
