internal import ToolKit

/// What can be told about a daemon by asking it.
struct DaemonCheckup: Sendable {
    let door: any DaemonDoor

    /// Never throws for a daemon that is away: that is the finding.
    func findings() async -> [DoctorFinding] {
        do {
            let health = try await door.send(.health)
            guard health.body["status"] == "ok" else {
                return [
                    DoctorFinding(
                        "daemon", .missing, "what answers at \(door.address) is no Execution Layer daemon",
                        fix: "name the daemon with --base")
                ]
            }
            var findings = [DoctorFinding("daemon", .enforced, "answers at \(door.address)")]
            findings.append(try await tokenFinding())
            findings += try await ownTokenFindings()
            return findings
        } catch {
            let failure = CommandFailure(error)
            return [DoctorFinding("daemon", .missing, failure.message, fix: failure.remedy)]
        }
    }

    /// Not by what the daemon says of itself, but by what it does without a token.
    private func tokenFinding() async throws -> DoctorFinding {
        var request = DaemonRequest.api(.get, "tools")
        request.sendsToken = false
        let answer = try await door.send(request)
        if answer.status == 401 { return DoctorFinding("token", .enforced, "requests without a token are refused") }
        return DoctorFinding(
            "token", .notEnforced, "no token is needed: every program on this machine can use the daemon",
            fix: "start it with EXECUTION_TOKEN set, or make an operator's token with execlayer token create")
    }

    private func ownTokenFindings() async throws -> [DoctorFinding] {
        let answer = try await door.send(.api(.get, "config"))
        switch answer.status {
        case 200: return Self.findings(about: answer.body["config"] ?? .null)
        case 401 where door.hasToken:
            return [DoctorFinding("your token", .missing, "the daemon does not know it", fix: "pass another --token")]
        case 401:
            return [
                DoctorFinding(
                    "your token", .note, "none was given; --token or EXECUTION_TOKEN lets doctor look further")
            ]
        case 403: return [DoctorFinding("your token", .note, "it may not read the configuration")]
        default:
            let failure = ResultReading.failure(of: answer.body, status: .failed)
            return [DoctorFinding("configuration", .missing, failure.message, fix: failure.remedy)]
        }
    }

    private static func findings(about config: JSONValue) -> [DoctorFinding] {
        guard config["approval_mode"]?.stringValue == "auto" else {
            return [DoctorFinding("approvals", .enforced, "risky tools need an approval")]
        }
        return [
            DoctorFinding(
                "approvals", .note,
                "approval_mode is auto: risky tools that are on run without one, unless the policy asks")
        ]
    }
}
