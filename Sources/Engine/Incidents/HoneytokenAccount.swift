internal import Audit
internal import ToolKit

/// What record and answer of a call say about honeytokens; never their values.
struct HoneytokenAccount: Sendable {
    /// Where they were seen.
    var channels: Set<HoneytokenSighting.Channel> = []
    /// Whether a program printed its environment, in which one was taken out.
    var isListing = false
    /// Of the incident that was opened, or is open.
    var incidentID: String?

    init() {}

    init(of watch: HoneytokenWatch, incidentID: String?) {
        channels = Set(watch.sightings.map(\.channel))
        isListing = watch.isListing
        self.incidentID = channels.isEmpty ? nil : incidentID
    }

    private var names: JSONValue { .array(channels.map(\.rawValue).sorted().map(JSONValue.string)) }

    var record: [AuditRecord.Member] {
        var members: [AuditRecord.Member] = []
        if !channels.isEmpty { members.append(("honeytoken_seen_in", names)) }
        if let incidentID { members.append(("incident_id", .string(incidentID))) }
        if isListing { members.append(("printed_environment", true)) }
        return members
    }

    var answer: [String: JSONValue] { Dictionary(record.map { ($0.key, $0.value) }) { first, _ in first } }
}
