/// What a hostile program says of its own attempts: a line each, `+` for what it could do and `-` for what it could not.
struct ProbeReport: Sendable, Hashable {
    struct Attempt: Sendable, Hashable {
        let name: String
        let isReached: Bool
        /// What was found, or why not.
        let detail: String
    }

    private(set) var attempts: [Attempt] = []

    init() {}

    /// Lines of another shape are passed over.
    init(text: String) {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0] == "+" || fields[0] == "-" else { continue }
            attempts.append(
                Attempt(name: String(fields[1]), isReached: fields[0] == "+", detail: String(fields[2])))
        }
    }

    mutating func reached(_ name: String, _ detail: String = "") { add(name, true, detail) }

    mutating func refused(_ name: String, _ detail: String = "") { add(name, false, detail) }

    private mutating func add(_ name: String, _ isReached: Bool, _ detail: String) {
        func plain(_ text: String) -> String {
            String(text.map { $0 == "\t" || $0.isNewline ? " " : $0 })
        }
        attempts.append(Attempt(name: plain(name), isReached: isReached, detail: plain(detail)))
    }

    var text: String {
        attempts.map { "\($0.isReached ? "+" : "-")\t\($0.name)\t\($0.detail)\n" }.joined()
    }

    var reached: [Attempt] { attempts.filter(\.isReached) }
    var names: [String] { attempts.map(\.name) }

    func hasReached(_ name: String) -> Bool { attempts.contains { $0.name == name && $0.isReached } }

    /// What was found under the name.
    func detail(_ name: String) -> String? { attempts.first { $0.name == name && $0.isReached }?.detail }
}
