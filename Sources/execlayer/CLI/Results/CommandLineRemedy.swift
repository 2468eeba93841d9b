/// The daemon words its remedies for those who speak HTTP. At a terminal the verb that sends the same request is what
/// helps; this is the one place that knows which verb that is.
enum CommandLineRemedy {
    /// Sentences that are better said anew than translated.
    private static func sentence(for code: String?) -> String? {
        switch code {
        case "token_required": "set EXECUTION_TOKEN or add --token"
        case "invalid_token": "pass another token with EXECUTION_TOKEN or --token"
        case "approval_required":
            "have a person approve it with execlayer approve, then run it again with --approval ID"
        case "unbound_approval": "name the arguments of the call as well: execlayer approve TOOL key=value"
        default: nil
        }
    }

    /// - Parameters:
    ///   - remedy: In the words of the gate or a door; `nil` for none.
    ///   - code: The refusal's.
    static func text(_ remedy: String?, code: String?) -> String? {
        if code == "approval_required", let remedy, remedy.contains("tool_name=effect_apply") {
            return "apply it with --wait, or have a person approve it: execlayer approvals"
        }
        return sentence(for: code) ?? remedy.map(translated)
    }

    /// Every request that a remedy names, as the verb that sends it.
    static func translated(_ remedy: String) -> String {
        remedy
            .replacing(#/PATCH /api/v1/execution/tools/(?<tool>[A-Za-z0-9_{}]+)/enabled(\?enabled=true)?/#) {
                let tool = $0.output.tool
                return "execlayer tools enable \(tool.hasPrefix("{") ? "NAME" : String(tool))"
            }
            .replacing(#/POST /api/v1/execution/approve\?tool_name=(?<tool>[A-Za-z0-9_]+)/#) {
                "execlayer approve \($0.output.tool)"
            }
            .replacing("POST /api/v1/execution/lockdown {\"active\": false}", with: "execlayer lockdown off")
            .replacing(#/GET /api/v1/execution/tools shows the input_schema of (?<tool>[A-Za-z0-9_]+)/#) {
                "execlayer tools \($0.output.tool) shows what it takes"
            }
            .replacing("GET /api/v1/execution/tools lists all tools", with: "execlayer tools lists all tools")
            .replacing("GET /api/v1/execution/tools", with: "execlayer tools")
    }
}
