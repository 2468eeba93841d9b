internal import ToolKit

/// Shows the result of a call to a person, or to a pipe that wants the file and not the frame.
struct ResultText {
    let terminal: Terminal

    /// - Parameter answer: A `Result` of the contract that is a success.
    func show(_ answer: JSONValue) {
        let result = answer["result"] ?? .null
        if answer["dry_run"]?.boolValue == true {
            showPlan(result)
        } else if let content = result["content"]?.stringValue {
            terminal.showContent(content)
            if result["truncated"]?.boolValue == true {
                let size = result["size"]?.integerValue.map { " of \($0) bytes" } ?? ""
                terminal.note("note: this is a part\(size); offset= and limit= show more")
            }
        } else if result["stdout"]?.stringValue != nil || result["stderr"]?.stringValue != nil {
            showProgram(result)
        } else if let matches = result["matches"]?.arrayValue {
            showMatches(matches)
        } else {
            terminal.show(DetailText.text(of: result))
        }
    }

    private func showPlan(_ result: JSONValue) {
        terminal.note("dry run: nothing was executed")
        terminal.show(DetailText.text(of: result["plan"] ?? result))
    }

    private func showProgram(_ result: JSONValue) {
        if let text = result["stdout"]?.stringValue, !text.isEmpty { terminal.showContent(text) }
        if let text = result["stderr"]?.stringValue, !text.isEmpty {
            terminal.note(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        }
        if result["truncated"]?.boolValue == true {
            terminal.note("note: the output was cut; --json shows its full size")
        }
        if let code = result["returncode"]?.integerValue, code != 0 { terminal.note("the program ended with \(code)") }
    }

    private func showMatches(_ matches: [JSONValue]) {
        if matches.isEmpty { terminal.note("nothing found") }
        for match in matches {
            let path = TerminalText.safe(match["path"]?.stringValue ?? "")
            let line = match["line"]?.integerValue.map { ":\($0)" } ?? ""
            terminal.show("\(path)\(line)\n")
            let snippet = TerminalText.safeLines(match["snippet"]?.stringValue ?? "")
            for line in snippet.split(separator: "\n", omittingEmptySubsequences: false) where !snippet.isEmpty {
                terminal.show(line.isEmpty ? "\n" : "    \(line)\n")
            }
        }
    }
}
