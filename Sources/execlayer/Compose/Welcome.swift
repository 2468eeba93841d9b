internal import Foundation
internal import HTTPDoor

/// What a person reads once the daemon answers: where it is, and one call to copy.
enum Welcome {
    /// Which tokens a call can be made with.
    enum Tokens {
        case none
        /// `EXECUTION_TOKEN` was given to the daemon, so whoever started it has it at hand.
        case variable
        /// Only such as were shown once, when `execlayer token create` made them.
        case created
    }

    static func print(address: BindAddress, workspace: String, home: String, tokens: Tokens) {
        let text = text(base: "http://\(address.text)", workspace: workspace, home: home, tokens: tokens)
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    static func text(base: String, workspace: String, home: String, tokens: Tokens) -> String {
        let state: String
        let asks: String
        let header: String
        switch tokens {
        case .none:
            (state, asks, header) = ("none configured: every program on this machine may call", "", "")
        case .variable:
            (state, asks, header) = ("required", "", " -H \"X-Execution-Token: $EXECUTION_TOKEN\"")
        case .created:
            state = "required, one that execlayer token create made"
            // One line, so that what is pasted next is the token and not the rest of this.
            asks = "printf 'token: '; read -r TOKEN && "
            header = " -H \"X-Execution-Token: $TOKEN\""
        }
        return """
            Execution Layer answers at \(base)
              workspace  \(TerminalText.safe(workspace))
              home       \(TerminalText.safe(home))
              token      \(state)

            Try it:
              \(asks)curl -s\(header) -H 'Content-Type: application/json' \(base)/api/v1/execution/run \
            -d '{"tool_name": "workspace_index", "args": {"max_entries": 5}}'

            Stop it with Ctrl-C.

            """
    }
}
