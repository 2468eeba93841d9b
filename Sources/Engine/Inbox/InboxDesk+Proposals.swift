package import Gate
internal import ToolKit

extension InboxDesk {
    /// Takes in a policy that somebody proposes. It is read as the file would be, with its examples; a person sees it as
    /// a diff.
    ///
    /// - Throws: ``Refusal``, `AuditUnavailable`.
    package func propose(policy yaml: String, reason: String?, from principal: Principal) async throws -> InboxItem {
        try gate.admitProposal(from: principal)
        return try await pool.run {
            let current = gate.policy.current
            let proposed: Policy
            do throws(FileProblem) {
                proposed = try gate.policy.check(yaml)
            } catch {
                throw Refusal(
                    .invalid, code: "invalid_policy", "the proposed policy cannot be used: \(error.reason)",
                    remedy: "correct it; execlayer policy check tries a file before it is proposed",
                    problems: [ArgumentProblem(field: "yaml", reason: error.reason)])
            }
            guard proposed.version != current.version else {
                throw Refusal(
                    .invalid, code: "no_change", "this is the policy in force already", remedy: "propose a change")
            }
            // Whoever approves it must have seen all of it.
            guard let diff = diff(current.text, proposed.text, PolicyFile.name) else {
                throw Refusal(
                    .invalid, code: "invalid_policy", "the proposed policy cannot be shown as a diff",
                    remedy: "make it shorter and plain text")
            }
            let plan: JSONValue = [
                "summary": "would replace the policy in force",
                "diff": .string(diff),
                "version_before": .string(current.version), "version_after": .string(proposed.version),
            ]
            return try await engine.filing.file(
                policy: yaml, base: current.version, reason: reason, plan: plan, from: principal)
        }
    }
}
