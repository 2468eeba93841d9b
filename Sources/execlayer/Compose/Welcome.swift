internal import Foundation
internal import HTTPDoor

/// What a person reads once the daemon answers: where it is, and one call to copy.
enum Welcome {
    static func print(address: BindAddress, workspace: String, home: String, needsToken: Bool) {
        let base = "http://\(address.text)"
        let token = needsToken ? " -H \"X-Execution-Token: $EXECUTION_TOKEN\"" : ""
        let text = """
            Execution Layer answers at \(base)
              workspace  \(TerminalText.safe(workspace))
              home       \(TerminalText.safe(home))
              token      \(needsToken ? "required" : "none configured: every program on this machine may call")

            Try it:
              curl -s\(token) -H 'Content-Type: application/json' \(base)/api/v1/execution/run \
            -d '{"tool_name": "workspace_index", "args": {"max_entries": 5}}'

            Stop it with Ctrl-C.

            """
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
