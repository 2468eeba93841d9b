/// How much is measured.
struct BenchOptions {
    /// The release executable of the daemon.
    var daemon: String
    /// The `wrk` script that checks answers.
    var script: String
    /// Logs and homes go here, so it must be on a disk: on a memory file system a sync costs nothing.
    var folder: String
    /// Where the figures go as JSON.
    var report: String
    var rounds = 6
    var secondsPerRound = 2
    var fewEntries = 1_000
    var manyEntries = 1_000_000
    var logRounds = 10
    var starts = 10
    var idleSeconds: UInt32 = 5
    var commitSeconds = 3.0
    /// Only one section: while one works on its subject.
    var only: Section?

    enum Section {
        case commands
        case watchers
        case effects
    }

    func includes(_ section: Section) -> Bool { only == nil || only == section }

    init(_ words: [String]) throws {
        var values: [String: String] = [:]
        var isQuick = false
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--quick": isQuick = true
            case "--commands": only = .commands
            case "--watchers": only = .watchers
            case "--effects": only = .effects
            case "--daemon", "--script", "--folder", "--report":
                guard let value = rest.popFirst() else { throw BenchFailure("\(word) needs a value") }
                values[word] = value
            default: throw BenchFailure("\(word) is not an option; ./bench --help shows them all")
            }
        }
        guard let daemon = values["--daemon"], let script = values["--script"], let folder = values["--folder"],
            let report = values["--report"]
        else { throw BenchFailure("start this through ./bench, which knows where everything is") }
        self.daemon = daemon
        self.script = script
        self.folder = folder
        self.report = report
        guard isQuick else { return }
        rounds = 2
        secondsPerRound = 1
        manyEntries = 20_000
        logRounds = 3
        starts = 3
        idleSeconds = 1
        commitSeconds = 0.5
    }
}
