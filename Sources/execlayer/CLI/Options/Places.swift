/// Finds the home and the workspace: flag, then environment, then default; always absolute.
struct Places: Sendable {
    let environment: [String: String]
    /// Absolute.
    let currentFolder: String

    /// - Throws: ``OptionProblems`` when nothing says where the home is, not even `HOME`.
    func home(_ flag: String?) throws(OptionProblems) -> String {
        if let given = flag ?? value(of: "EXECUTION_HOME") { return absolute(given) }
        guard let user = value(of: "HOME"), user.hasPrefix("/") else {
            throw OptionProblems([
                "the home folder is unknown because HOME is not set; name it with --home or EXECUTION_HOME"
            ])
        }
        return absolute(user + "/.execution-layer")
    }

    func workspace(_ flag: String?) -> String {
        absolute(flag ?? value(of: "EXECUTION_WORKSPACE_ROOT") ?? currentFolder)
    }

    /// A variable that is set to nothing counts as not set.
    private func value(of name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Without empty and `.` components. `..` stays: only the file system knows where it leads behind a link.
    private func absolute(_ path: String) -> String {
        var full = path
        if path == "~" || path.hasPrefix("~/"), let user = value(of: "HOME") {
            full = user + path.dropFirst()
        } else if !path.hasPrefix("/") {
            full = currentFolder + "/" + path
        }
        return "/" + full.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
