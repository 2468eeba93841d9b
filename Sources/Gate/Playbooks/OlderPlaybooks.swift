internal import Foundation
internal import ToolKit

/// Playbooks as the older system kept them in `data/tool_playbooks/playbooks.json`.
///
/// Read with patience: a list, an object of ids, or either below `playbooks`; a tool that this daemon does not have stays
/// named and is refused when the playbook is run. An entry that makes no playbook is named with its reason, and the file
/// itself is left alone, so nothing is lost.
package struct OlderPlaybooks: Sendable {
    package struct Entry: Sendable, Hashable {
        package let playbook: Playbook
        package let statistics: PlaybookStatistics
    }

    package private(set) var entries: [Entry] = []
    /// Each one sentence.
    package private(set) var warnings: [String] = []

    /// - Parameters:
    ///   - tools: Says which arguments are taken apart.
    ///   - wall: For entries that do not say when they were made.
    package init(reading bytes: [UInt8], tools: PlaybookTools, at wall: Double) {
        let document: JSONValue
        do throws(JSONSyntaxError) {
            document = try JSONReader.read(bytes)
        } catch {
            warnings.append("line \(error.line), column \(error.column): \(error.reason); no playbook was imported")
            return
        }
        for (place, found) in Self.found(in: document).enumerated() {
            let name = found.entry["name"]?.stringValue ?? found.key ?? "number \(place + 1)"
            let shown = JSONWriter.quoted(String(name.prefix(64)))
            do throws(ArgumentProblems) {
                entries.append(try Self.entry(found.entry, key: found.key, tools: tools, at: wall))
            } catch {
                warnings.append("the playbook \(shown) was not imported: \(error)")
            }
        }
        if entries.isEmpty, warnings.isEmpty, document != .array([]), document["playbooks"] == nil, document != [:] {
            warnings.append("no playbooks were found in it")
        }
    }

    private static func found(in document: JSONValue) -> [(key: String?, entry: JSONValue)] {
        if let elements = document.arrayValue { return elements.map { (nil, $0) } }
        if let inner = document["playbooks"] { return found(in: inner) }
        let members = document.objectValue ?? [:]
        return members.sorted { $0.key < $1.key }.filter { $0.value.objectValue != nil }.map { ($0.key, $0.value) }
    }

    private static func entry(
        _ json: JSONValue, key: String?, tools: PlaybookTools, at wall: Double
    ) throws(ArgumentProblems) -> Entry {
        guard let members = json.objectValue else {
            throw ArgumentProblems([ArgumentProblem(field: "entry", reason: "is \(json.kindName), not an object")])
        }
        let id = first(["id", "playbook_id"], in: members)?.stringValue ?? key
        var fields: [String: JSONValue] = [
            "name": .string(line(members["name"]?.stringValue ?? id ?? "", limit: PlaybookLimits.nameSize)),
            "description": .string(text(members["description"])),
            "category": .string(line(members["category"]?.stringValue ?? "", limit: PlaybookLimits.categorySize)),
        ]
        var tags: [String] = []
        for tag in (members["tags"]?.arrayValue ?? []).compactMap(\.stringValue) {
            let tag = line(tag, limit: PlaybookLimits.tagSize)
            if !tag.isEmpty, !tags.contains(tag), tags.count < PlaybookLimits.tags { tags.append(tag) }
        }
        fields["tags"] = .array(tags.map(JSONValue.string))
        fields["steps"] = members["steps"]?.arrayValue.map { .array($0.map { step($0, tools: tools) }) }
        var definition = try PlaybookDefinition(json: .object(fields), checkedBy: nil)
        for (name, value) in members["variables"]?.objectValue ?? [:] where definition.variables[name] != nil {
            let value = value.objectValue.map { $0["default"] ?? .null } ?? value
            guard value != .null, PlaybookValue.depth(of: value) <= PlaybookLimits.depth else { continue }
            definition.variables[name] = PlaybookVariable(default: value)
        }
        let createdAt = time(members["created_at"]) ?? wall
        let isOwn = id.map { Identifier.isWellFormed($0) && BuiltInPlaybooks.playbook($0) == nil } ?? false
        return Entry(
            playbook: Playbook(
                id: isOwn ? id ?? "" : Identifier.make("pb"), definition: definition,
                createdBy: line(members["created_by"]?.stringValue ?? "", limit: 64).isEmpty
                    ? "import" : line(members["created_by"]?.stringValue ?? "", limit: 64),
                createdAt: createdAt, updatedAt: time(members["updated_at"]) ?? createdAt),
            statistics: statistics(members))
    }

    private static func step(_ json: JSONValue, tools: PlaybookTools) -> JSONValue {
        guard let members = json.objectValue else { return json }
        let name = first(["tool_name", "tool", "name"], in: members)
        let entry = name?.stringValue.flatMap(tools.entry(named:))
        var fields: [String: JSONValue] = [
            "tool_name": entry.map { .string($0.name) } ?? name ?? .null,
            "description": .string(text(members["description"])),
            "retry_on_failure": .bool(members["retry_on_failure"]?.boolValue ?? false),
            "max_retries": .integer(
                min(
                    max(members["max_retries"]?.integerValue ?? PlaybookLimits.defaultRetries, 0),
                    PlaybookLimits.retries.upperBound)),
        ]
        let arguments = first(["args", "arguments", "params"], in: members)
        fields["args"] =
            arguments?.objectValue.map { members in
                .object(
                    Dictionary(
                        uniqueKeysWithValues: members.map { name, value in
                            (name, tools.isInterpreted(name, of: entry) ? words(value) : value)
                        }))
            } ?? arguments
        return .object(fields)
    }

    /// A command with variables in its text, as a list of words: split before anything is put in, so that a value is never
    /// more than a part of one word. A text that cannot be split stays, and is refused when it is run.
    private static func words(_ value: JSONValue) -> JSONValue {
        guard case .string(let text) = value else { return value }
        let parts = VariableText(text)
        guard parts.whole == nil, !parts.variables.isEmpty, !text.contains(stand) else { return value }
        var names: [String] = []
        var plain = ""
        for piece in parts.pieces {
            switch piece {
            case .text(let text): plain += text
            case .variable(let name):
                plain += "\(stand)\(names.count)Z"
                names.append(name)
            }
        }
        guard let split = try? CommandWords(plain) else { return value }
        return .array(
            split.words.map { word in
                var word = word
                for (place, name) in names.enumerated() {
                    word = word.replacing("\(stand)\(place)Z", with: "{\(name)}")
                }
                return .string(word)
            })
    }

    /// Stands for a variable while a command is split: a word that needs no quotes.
    private static let stand = "PLAYBOOKVARIABLE"

    private static func statistics(_ members: [String: JSONValue]) -> PlaybookStatistics {
        let stored = members["statistics"]?.objectValue ?? members["stats"]?.objectValue ?? members
        func count(_ names: [String]) -> Int? {
            first(names, in: stored)?.integerValue.map { min(max($0, 0), 1_000_000_000) }
        }
        var statistics = PlaybookStatistics()
        let runs = count(["runs", "run_count", "use_count", "usage_count", "execution_count", "total_runs"])
        if let successes = count(["successes", "success_count"]) {
            statistics.successes = successes
        } else if let runs, let rate = stored["success_rate"]?.doubleValue, 0...1 ~= rate {
            statistics.successes = Int((Double(runs) * rate).rounded())
        }
        statistics.failures =
            count(["failures", "failure_count"]) ?? max(0, (runs ?? statistics.successes) - statistics.successes)
        statistics.lastRunAt = time(first(["last_run_at", "last_run", "last_used", "last_used_at"], in: stored))
        let average = first(["average_duration_ms", "avg_duration_ms"], in: stored)?.doubleValue ?? 0
        statistics.totalMilliseconds = max(0, average) * Double(statistics.runs)
        return statistics
    }

    private static func first(_ names: [String], in members: [String: JSONValue]) -> JSONValue? {
        names.lazy.compactMap { members[$0] }.first { $0 != .null }
    }

    /// Unix seconds, or a date as Python writes one, taken for UTC.
    private static func time(_ value: JSONValue?) -> Double? {
        if let seconds = value?.doubleValue, seconds.isFinite, seconds >= 0, seconds < 253_402_300_800 {
            return seconds
        }
        guard let text = value?.stringValue, text.utf8.count >= 19 else { return nil }
        let date = try? Date(text.prefix(19).replacing(" ", with: "T") + "Z", strategy: .iso8601)
        return date?.timeIntervalSince1970
    }

    /// One line of what a text shows.
    private static func line(_ text: String, limit: Int) -> String {
        var kept = ""
        var size = 0
        for scalar in text.unicodeScalars {
            let scalar = PlaybookReader.isInvisible(scalar) ? " " : scalar
            size += Unicode.UTF8.width(scalar)
            guard size <= limit else { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept.trimmingCharacters(in: .whitespaces)
    }

    private static func text(_ value: JSONValue?) -> String {
        let text = value?.stringValue ?? ""
        guard text.utf8.count > PlaybookLimits.descriptionSize || text.utf8.contains(0) else { return text }
        return String(decoding: text.utf8.filter { $0 != 0 }.prefix(PlaybookLimits.descriptionSize - 3), as: UTF8.self)
    }
}
