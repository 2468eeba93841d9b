internal import ToolKit

/// A configuration as a file held it, and what deserves a word to the operator.
package struct LoadedConfiguration: Sendable, Equatable {
    package var configuration: Configuration
    /// Each one sentence with its line; nothing that is warned about is in force.
    package var warnings: [String]
}

/// Reads the configuration file, strictly: what is wrong is an error that names line and field.
///
/// Two things are warnings instead, because a file of the older or of a newer system has to load as it is: members
/// that this version does not know, and tool names that nobody knows. Neither has any effect.
enum ConfigurationDecoder {
    /// - Throws: ``FileProblem`` naming everything that is wrong.
    static func decode(_ bytes: [UInt8], knownTools: KnownTools) throws(FileProblem) -> LoadedConfiguration {
        let document: JSONValue
        do throws(JSONSyntaxError) {
            document = try JSONReader.read(bytes)
        } catch {
            throw FileProblem("line \(error.line), column \(error.column): \(error.reason)")
        }
        guard case .object(let members) = document else {
            throw FileProblem("line 1: the file must hold an object, not \(document.kindName)")
        }
        var reading = Reading(lines: JSONMemberLines(bytes), knownTools: knownTools)
        for (name, value) in members { reading.member(name, value) }
        guard reading.problems.isEmpty else {
            let sorted = reading.problems.sorted { ($0.line ?? 0, $0.field) < ($1.line ?? 0, $1.field) }
            throw FileProblem(sorted.prefix(20).map(\.description).joined(separator: "; "))
        }
        let warnings = reading.warnings.sorted { ($0.line, $0.text) < ($1.line, $1.text) }.map(\.text)
        return LoadedConfiguration(configuration: reading.configuration, warnings: warnings)
    }

    private struct Reading {
        let lines: JSONMemberLines
        let knownTools: KnownTools
        var configuration = Configuration()
        var problems: [ConfigurationProblem] = []
        var warnings: [(line: Int, text: String)] = []

        mutating func member(_ name: String, _ value: JSONValue) {
            guard let key = ConfigurationKey.named(name) else {
                configuration.unknownMembers[name] = value
                let guess = ConfigurationKey.nearest(to: name).map { "; did you mean \"\($0)\"?" } ?? ""
                warn(lines[name], "\(shown(name)) is unknown and has no effect\(guess)")
                return
            }
            if case .toolSwitches = key.kind {
                toolSwitches(key, value)
            } else if case .planner = key.kind {
                nested(key) { configuration throws(ArgumentProblems) in
                    configuration.planner = try PlannerSettings(value)
                }
            } else if case .providers = key.kind {
                nested(key) { configuration throws(ArgumentProblems) in
                    configuration.consultProviders = try ConsultProviders(value)
                }
            } else if let reason = key.set(value, in: &configuration) {
                problems.append(ConfigurationProblem(field: name, reason: reason, line: lines[name]))
            }
        }

        private mutating func toolSwitches(_ key: ConfigurationKey, _ value: JSONValue) {
            guard case .object(let switches) = value else {
                problems.append(
                    ConfigurationProblem(field: key.name, reason: key.refusal(of: value), line: lines[key.name]))
                return
            }
            for (spelling, value) in switches.sorted(by: { $0.key < $1.key }) {
                let line = lines[key.name, spelling]
                guard let isEnabled = value.boolValue else {
                    problems.append(
                        ConfigurationProblem(
                            field: "\(key.name).\(spelling.prefix(64))",
                            reason: "must be true or false, not \(value.kindName)", line: line))
                    continue
                }
                guard let name = knownTools.canonical(spelling) else {
                    configuration.unknownTools[spelling] = isEnabled
                    let guess = knownTools.nearest(to: spelling).map { "; did you mean \"\($0)\"?" } ?? ""
                    warn(line, "\(key.name) names the tool \(shown(spelling)), which nobody knows\(guess)")
                    continue
                }
                // Under two of its names a tool is on only when both say so.
                if let other = configuration.toolEnabled[name], other != isEnabled {
                    warn(line, "\(key.name) says two things about \(name); it is off")
                    configuration.toolEnabled[name] = false
                } else {
                    configuration.toolEnabled[name] = isEnabled
                }
            }
        }

        private mutating func nested(
            _ key: ConfigurationKey, _ take: (inout Configuration) throws(ArgumentProblems) -> Void
        ) {
            do throws(ArgumentProblems) {
                try take(&configuration)
            } catch {
                problems += error.below(key.name).problems.map {
                    ConfigurationProblem(field: $0.field, reason: $0.reason, line: lines[key.name])
                }
            }
        }

        private mutating func warn(_ line: Int?, _ text: String) {
            warnings.append((line ?? 0, line.map { "line \($0): \(text)" } ?? text))
        }

        private func shown(_ name: String) -> String { JSONWriter.quoted(String(name.prefix(64))) }
    }
}
