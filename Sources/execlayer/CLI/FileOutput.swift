internal import ToolKit

/// Where the bytes of a file go that a program made: to the output, or into a new file.
struct FileOutput {
    let session: Session
    let output: OutputOptions
    /// As it was typed; `nil` for the output.
    let save: String?

    /// - Throws: ``CommandFailure`` before anything is fetched that nobody wants to see.
    func requireDestination() throws(CommandFailure) {
        guard save == nil, session.terminal.isInteractive else { return }
        throw CommandFailure(
            .usage, "the bytes of a file that a program made do not go to a terminal",
            remedy: "add --save FILE, or a pipe")
    }

    /// - Parameter members: What the answer as JSON says of the file besides.
    /// - Throws: ``CommandFailure``.
    func deliver(_ bytes: [UInt8], _ members: [String: JSONValue]) throws(CommandFailure) {
        guard let save else { return session.terminal.show(bytes: bytes) }
        let path = session.path(save)
        try NewFile.make(path, bytes)
        if output.json {
            let file: [String: JSONValue] = [
                "success": true, "file": .string(path), "size": .integer(bytes.count),
            ]
            session.terminal.show(json: .object(file.merging(members) { own, _ in own }))
        } else {
            session.terminal.show("\(bytes.count) bytes in \(TerminalText.safe(path))\n")
        }
    }
}
