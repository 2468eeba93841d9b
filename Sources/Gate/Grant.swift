package import ToolKit

/// The gate's yes to one call. Only ``Gate`` makes one, running consumes it, and it cannot be copied: an admission is
/// neither forged nor used twice.
package struct Grant: ~Copyable, Sendable {
    package enum Kind: Sendable, Hashable {
        /// Answer what would happen.
        case plan
        case run
        /// Run without touching the workspace, and tell what would become of it.
        case preview
    }

    package let kind: Kind
    /// The facts of the call that the record needs; a copyable value.
    package let admitted: AdmittedCall
    package let prepared: any PreparedCall

    init(kind: Kind, admitted: AdmittedCall, prepared: any PreparedCall) {
        self.kind = kind
        self.admitted = admitted
        self.prepared = prepared
    }
}

/// What is known of a call once the gate has let it pass.
package struct AdmittedCall: Sendable {
    package let toolName: String
    package let arguments: [String: JSONValue]
    package let contentNames: Set<String>
    package let access: Access
    /// The rules that had a say, for the plan of a dry run.
    package let judgement: Judgement
    /// Whether a run of this call needs a person's approval.
    package var needsApproval: Bool
    package let isIdempotent: Bool
    /// The approval that this call has spent.
    package var approvalID: String?
    /// The standing grant that one use was taken of; in a dry run the one that would cover it.
    package var grantID: String?
    /// The item of the inbox that a person approved.
    package var itemID: String?

    /// Whether a person let it pass and with it, for a while, other calls of its caller's.
    package var beginsArming = false

    /// Whom the call was let send requests to: by policy, or by a person where policy asks.
    package var grantedEndpoints: Set<WebEndpoint> {
        let isApproved = approvalID != nil || grantID != nil || itemID != nil
        return Set(
            judgement.endpoints.filter { $0.verdict == .allow || $0.verdict == .ask && isApproved }.map(\.endpoint))
    }

    /// Places that policy asks about before they are read, which this call names and a person let it read.
    package var approvedReads: [WorkspacePath] {
        guard approvalID != nil || grantID != nil || itemID != nil else { return [] }
        return judgement.matches.filter { $0.verdict == .ask && $0.use == .read }.map(\.path)
    }
}
