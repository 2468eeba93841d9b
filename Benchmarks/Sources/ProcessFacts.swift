internal import Foundation

/// What Linux tells about a running process.
struct ProcessFacts {
    let pid: Int32

    /// Processor time in seconds, of all its threads; resolution 10 ms.
    var processorSeconds: Double {
        // The second field is the program's name in parentheses, which may hold anything.
        guard let text = text(of: "stat"), let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / 100
    }

    /// Kilobytes, by the names of `/proc/PID/status`: `VmRSS`, `RssAnon`, `RssFile`.
    func memory(_ name: String) -> Int? {
        text(of: "status")?.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            .flatMap { Int($0.filter(\.isNumber)) }
    }

    var children: [ProcessFacts] {
        (text(of: "task/\(pid)/children") ?? "").split(separator: " ")
            .compactMap { Int32($0) }.map { ProcessFacts(pid: $0) }
    }

    private func text(of name: String) -> String? {
        try? String(contentsOfFile: "/proc/\(pid)/\(name)", encoding: .utf8)
    }
}
