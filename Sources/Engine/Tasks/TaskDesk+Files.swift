package import Gate
internal import ToolKit

/// A file of a task.
package enum TaskFile: Sendable {
    /// What a call of it kept.
    case kept(ArtifactRecord)
    /// The result of a step, as JSON.
    case result([UInt8])
}

extension TaskDesk {
    /// Names of all files of a task, in the order of its steps.
    package func files(of task: AgentTask) async throws -> [(name: String, step: Int)] {
        let facts = try await store.facts(ofTask: task.id, from: 1, limit: TaskLimits.steps)
        return facts.flatMap { step in step.fileNames.map { ($0.name, step.number) } }
    }

    /// - Parameter name: As ``files(of:)`` has it.
    /// - Returns: `nil` when there is none of that name, or no longer.
    package func file(_ name: String, of task: AgentTask) async throws -> TaskFile? {
        let words = name.dropFirst("step-".count).prefix { $0.isASCII && $0.isNumber }
        guard name.hasPrefix("step-"), let number = Int(words),
            let step = try await store.step(number, ofTask: task.id),
            let file = step.facts.fileNames.first(where: { $0.name == name })
        else { return nil }
        guard let id = file.artifactID else { return .result(JSONWriter.pretty(step.result ?? .null)) }
        return try await engine.artifacts.record(id).map(TaskFile.kept)
    }
}

extension StepFacts {
    /// Files of the step by the names that the API gives them: `step-2-report.html`, and `step-2.json` for its result.
    package var fileNames: [(name: String, artifactID: String?)] {
        var names: [(name: String, artifactID: String?)] = []
        if state == .done || (state == .failed && endedAt != nil) { names.append(("step-\(number).json", nil)) }
        var taken: Set<String> = []
        for file in files {
            let plain = Self.plain(file.name)
            var name = "step-\(number)-\(plain)"
            var copy = 1
            while !taken.insert(name).inserted {
                copy += 1
                name = "step-\(number)-\(copy)-\(plain)"
            }
            names.append((name, file.artifactID))
        }
        return names
    }

    /// Without folders, and of characters that no system takes for anything else.
    private static func plain(_ name: String) -> String {
        var plain = String(
            name.unicodeScalars.prefix(120).map { scalar -> Character in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": Character(scalar)
                default: "_"
                }
            })
        while plain.contains("..") { plain = plain.replacing("..", with: "._") }
        return plain.isEmpty ? "file" : plain
    }
}
