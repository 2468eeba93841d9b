#if os(Linux)
    internal import ArgumentParser
    internal import Foundation

    /// What `doctor` starts behind the walls: this executable as the hostile program. Not for people.
    struct ProbeVerb: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "probe", abstract: "One attempt of doctor's, as it is started inside the sandbox.",
            shouldDisplay: false)

        @Argument var attempt: String
        @Argument var words: [String] = []

        func validate() throws {
            guard Probe(rawValue: attempt) != nil else {
                throw ValidationError("there is no such attempt; doctor starts those there are")
            }
        }

        func run() throws {
            guard let report = Probe(rawValue: attempt)?.report(words) else {
                throw ValidationError("this is only tried behind the walls; run doctor")
            }
            FileHandle.standardOutput.write(Data(report.text.utf8))
        }
    }
#endif
