internal import Audit
internal import ToolKit

extension LiveEvent {
    /// What an entry of the audit tells those who watch; `nil` for one that is nobody's news.
    ///
    /// - Parameter seq: Of the line that made it news: the outcome of a call, not its intent.
    init?(entry: JSONValue, seq: Int) {
        let tool = entry["tool_name"]?.stringValue ?? ""
        var data = entry.objectValue ?? [:]
        let name: Name
        var principal = entry["principal"]?.stringValue
        switch tool {
        case "change:approval", "change:grant":
            name = .approval
            let after = entry["after"] ?? .null
            for member in ["approval_request_id", "request_type", "status", "run_id", "grant_id"] {
                if let value = after[member], member != "status" { data[member] = value }
            }
            data["approval_status"] = after["status"]
            // The item's owner, not who decided about it.
            principal = after["principal"]?.stringValue ?? principal
            // Grants are the people's, whoever they speak of.
            if tool == "change:grant" { principal = nil }
        case "change:config", "change:tool", "change:policy": name = .config
        case "change:lockdown":
            name = .lockdown
            data["active"] = entry["after"]?["active"]
            data["lockdown_reason"] = entry["after"]?["reason"]
        case "change:node": name = .node
        case _ where tool.hasPrefix("change:"): return nil
        default: name = .run
        }
        self.init(name, seq: seq, data: .object(data), principal: principal)
    }

    /// The line of the entry that is news: the outcome's for a call that ran.
    static func seq(of entry: JSONValue) -> Int? {
        entry["outcome_seq"]?.integerValue ?? entry["seq"]?.integerValue
    }
}
