package import ToolKit

/// The configuration in force and the file it lives in, `config/execution_layer_config.json` below the home folder.
///
/// ``current``, ``warnings`` and ``problem`` are cheap. ``poll()`` and every change touch the disk: they block and
/// belong on a thread that may. Changes take turns, each starting from what is on disk at its moment.
package final class ConfigurationFile: Sendable {
    package static let name = "execution_layer_config.json"
    static let sizeLimit = 1_048_576
    private static let problemLimit = 20

    private let file: WatchedFile<LoadedConfiguration>
    private let knownTools: KnownTools

    /// Loads the file; without one the defaults are in force and the first change creates it. Blocks.
    ///
    /// - Throws: ``FileProblem`` naming line and field: a reason not to start.
    package init(path: String, knownTools: KnownTools = .promised) throws(FileProblem) {
        self.knownTools = knownTools
        file = try WatchedFile(path: path, limit: Self.sizeLimit) { bytes throws(FileProblem) in
            guard let bytes else { return LoadedConfiguration(configuration: Configuration(), warnings: []) }
            return try ConfigurationDecoder.decode(bytes, knownTools: knownTools)
        }
    }

    package var current: Configuration { file.current.configuration }

    /// About the configuration in force, for the log and `doctor`.
    package var warnings: [String] { file.current.warnings }

    /// Why the file on disk is not what is in force, for the log and `/config`; `nil` when it is.
    package var problem: String? { file.problem }

    /// Looks whether somebody edited the file, and takes over what can be used. Blocks.
    ///
    /// - Returns: What the audit has to know, in the order in which it happened.
    package func poll() -> [WatchEvent<LoadedConfiguration>] { file.poll() }

    /// What a change made of the configuration.
    package struct Change: Sendable, Equatable {
        package let before: Configuration
        package let after: Configuration
    }

    /// Sets scalar fields: all of them or none. Blocks.
    ///
    /// - Parameter record: Called with the change before it is written, so that it can be recorded first. What it
    ///   throws is thrown on and nothing is changed. When the write fails after it, the change did not happen.
    /// - Throws: ``ConfigurationRefusal`` naming every bad field.
    @discardableResult
    package func patch(
        _ fields: [String: JSONValue], record: (Change) throws -> Void = { _ in }
    ) throws -> Change {
        try change(record) { configuration throws(ConfigurationRefusal) in
            var problems: [ConfigurationProblem] = []
            // Enough to mend the request by; a list without end helps nobody.
            for (name, value) in fields where problems.count < Self.problemLimit {
                if let reason = Self.set(name, value, in: &configuration) {
                    problems.append(ConfigurationProblem(field: String(name.prefix(64)), reason: reason))
                }
            }
            guard problems.isEmpty else { throw .invalid(problems.sorted { $0.field < $1.field }) }
        }
    }

    /// Switches one tool. Blocks.
    ///
    /// - Parameters:
    ///   - name: Canonical or an alias; an unknown one is refused and stores nothing (SECURITY R68).
    ///   - record: As for ``patch(_:record:)``.
    /// - Throws: ``ConfigurationRefusal``.
    @discardableResult
    package func setTool(
        _ name: String, enabled: Bool, record: (Change) throws -> Void = { _ in }
    ) throws -> Change {
        try change(record) { configuration throws(ConfigurationRefusal) in
            guard let canonical = self.knownTools.canonical(name) else {
                throw .unknownTool(name: String(name.prefix(64)), nearest: self.knownTools.nearest(to: name))
            }
            configuration.toolEnabled[canonical] = enabled
        }
    }

    private static func set(_ name: String, _ value: JSONValue, in configuration: inout Configuration) -> String? {
        if let key = ConfigurationKey.named(name) { return key.set(value, in: &configuration) }
        return "is unknown" + (ConfigurationKey.nearest(to: name).map { "; did you mean \"\($0)\"?" } ?? "")
    }

    private func change(
        _ record: (Change) throws -> Void,
        _ edit: (inout Configuration) throws(ConfigurationRefusal) -> Void
    ) throws -> Change {
        do {
            return try file.rewrite { loaded in
                var after = loaded
                try edit(&after.configuration)
                let change = Change(before: loaded.configuration, after: after.configuration)
                try record(change)
                return .init(value: after, bytes: JSONWriter.pretty(after.configuration.fileJSON), result: change)
            }
        } catch let obstacle as WatchedFile<LoadedConfiguration>.Obstacle {
            switch obstacle {
            case .broken(let problem): throw ConfigurationRefusal.fileBroken(problem)
            case .editedMeanwhile: throw ConfigurationRefusal.editedMeanwhile
            }
        } catch let problem as FileProblem {
            throw ConfigurationRefusal.unwritable(problem.reason)
        }
    }
}
