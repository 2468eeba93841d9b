package import ToolKit

/// How far an effect may go: for a rule of the policy, and for a standing grant. What is `nil` is not limited.
package struct EffectLimits: Sendable, Hashable {
    /// Every changed place has to match one of these.
    package var paths: [PathPattern]?
    /// Files and links that go.
    package var deletions: Int?
    /// Files and links that change in any way.
    package var files: Int?
    /// Lines that come and go, together. A file that is no text exceeds any number.
    package var lines: Int?
    /// `false`: no file or folder that stays gets other permissions.
    package var modes: Bool?
    /// `false`: no link is made, changed or deleted.
    package var links: Bool?
    /// Only effects of calls of these tools, canonical names.
    package var tools: Set<String>?

    package init() {}

    package var isEmpty: Bool { self == EffectLimits() }

    /// What of the limits an effect does not keep, each a clause that follows "it"; empty: it stays inside.
    package func excesses(of effect: EffectFacts) -> [String] {
        var excesses: [String] = []
        func count(_ value: Int, _ limit: Int?, _ verb: String, _ noun: String) {
            guard let limit, value > limit else { return }
            excesses.append("\(verb) \(value) \(noun)\(value == 1 ? "" : "s"), and \(limit) may be")
        }
        if let tools, !tools.contains(effect.toolName) { excesses.append("is one of \(effect.toolName)") }
        if let paths {
            let outside = effect.places.filter { place in
                guard let path = place.workspacePath else { return true }
                return !paths.contains { $0.matches(path) }
            }
            if let first = outside.first {
                let more = outside.count > 1 ? " and \(outside.count - 1) other places" : ""
                excesses.append("changes \(first.shown)\(more) outside \(paths.map(\.text).joined(separator: ", "))")
            }
        }
        count(effect.deletions, deletions, "deletes", "file")
        count(effect.changes.count, files, "changes", "file")
        if let lines {
            if let changed = effect.lines {
                count(changed, lines, "changes", "line")
            } else {
                excesses.append("changes a file whose lines cannot be counted")
            }
        }
        if modes == false, effect.modeChanges > 0 { count(effect.modeChanges, 0, "changes the permissions of", "file") }
        if links == false, effect.links > 0 { count(effect.links, 0, "changes", "link") }
        return excesses
    }

    /// As grants keep and show it; a member for each limit.
    package var json: JSONValue {
        var members: [String: JSONValue] = [:]
        members["paths"] = paths.map { .array($0.map { .string($0.text) }) }
        members["deletions"] = deletions.map { .integer($0) }
        members["files"] = files.map { .integer($0) }
        members["lines"] = lines.map { .integer($0) }
        members["modes"] = modes.map(JSONValue.bool)
        members["links"] = links.map(JSONValue.bool)
        members["tools"] = tools.map { .array($0.sorted().map(JSONValue.string)) }
        return .object(members)
    }
}

extension EffectLimits {
    static let names = ["paths", "deletions", "files", "lines", "modes", "links", "tools"]
    static let countRange = 0...1_000_000_000

    /// `within` of a grant.
    ///
    /// - Parameter catalog: Knows the tools; `nil` for limits that were read before.
    /// - Throws: ``ArgumentProblems`` naming every bad member.
    package init(_ json: JSONValue, catalog: ToolCatalog? = nil) throws(ArgumentProblems) {
        self.init()
        guard let members = json.objectValue else {
            throw ArgumentProblems([
                ArgumentProblem(field: "within", reason: "must be an object, not \(json.kindName)")
            ])
        }
        var problems: [ArgumentProblem] = []
        func report(_ name: String, _ reason: String) {
            guard problems.count < ArgumentProblems.limit else { return }
            problems.append(ArgumentProblem(field: "within.\(String(name.prefix(64)))", reason: reason))
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "paths":
                let texts = value.arrayValue?.compactMap(\.stringValue) ?? []
                let patterns = texts.compactMap { try? PathPattern($0) }
                guard !patterns.isEmpty, patterns.count == value.arrayValue?.count, patterns.count <= 200 else {
                    report(name, "must be a list of 1 to 200 path patterns")
                    continue
                }
                paths = patterns
            case "deletions", "files", "lines":
                guard let count = value.integerValue, Self.countRange.contains(count) else {
                    report(name, "must be an integer from 0")
                    continue
                }
                switch name {
                case "deletions": deletions = count
                case "files": files = count
                default: lines = count
                }
            case "modes", "links":
                guard let flag = value.boolValue else {
                    report(name, "must be true or false")
                    continue
                }
                if name == "modes" { modes = flag } else { links = flag }
            case "tools":
                let names = value.arrayValue?.compactMap(\.stringValue) ?? []
                let known = names.compactMap { name in
                    catalog.map { $0.entry(named: name)?.name } ?? name
                }
                guard !known.isEmpty, known.count == value.arrayValue?.count else {
                    report(name, "must be a list of tools")
                    continue
                }
                tools = Set(known)
            default: report(name, "is unknown; known are \(Self.names.joined(separator: ", "))")
            }
        }
        guard problems.isEmpty else { throw ArgumentProblems(problems) }
    }
}
