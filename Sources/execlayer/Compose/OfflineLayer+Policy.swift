internal import Engine
internal import Foundation
internal import Gate
internal import ToolKit
internal import Tools

extension OfflineLayer {
    func explainPolicy(_ question: PolicyQuestion) async throws -> OfflineReport {
        let policy = try await pool.run { try loadPolicy() }
        switch question {
        case .summary:
            let lines = policy.rules.map { rule in "\(rule.name): \(rule.reason)" }
            return OfflineReport(
                isGood: true, lines: ["policy \(policy.version.prefix(12)), \(lines.count) rules"] + lines,
                json: [
                    "version": .string(policy.version),
                    "rules": .array(
                        policy.rules.map { ["name": .string($0.name), "reason": .string($0.reason)] }),
                ])
        case .path(let text, let use):
            return Self.report([policy.explain(try path(text), Access.PathUse(use))])
        case .call(let tool, let arguments):
            let entry = try ToolCatalog(builtInTools).require(tool)
            let canonical: [String: JSONValue]
            do throws(ArgumentProblems) {
                canonical = try entry.schema.canonical(arguments, roots: [location.workspace])
            } catch {
                throw Refusal(
                    .invalid, code: "invalid_arguments", "invalid arguments: \(error)",
                    remedy: "execlayer tools \(entry.name) shows what it takes")
            }
            let places = try entry.access(for: canonical).places
            guard !places.isEmpty else {
                return OfflineReport(
                    isGood: true, lines: ["\(entry.name) touches nothing that path rules speak of: allow"],
                    json: ["verdict": "allow", "places": []])
            }
            return Self.report(places.map { policy.explain($0.path, $0.use) })
        }
    }

    private func loadPolicy() throws -> Policy {
        var masked: [WorkspacePath] = []
        if let home = try? Home(existing: location.home) { masked = try home.masked(in: location.workspace) }
        return try PolicyFile(path: location.home + "/config/" + PolicyFile.name, masked: masked).current
    }

    private func path(_ text: String) throws(Refusal) -> WorkspacePath {
        do throws(WorkspacePathError) {
            return try WorkspacePath(text, roots: [location.workspace])
        } catch {
            throw Refusal(
                .policyBlocked, code: "path_outside_workspace", "the path \(error)",
                remedy: "name a path inside the workspace \(location.workspace)")
        }
    }

    private static func report(_ explanations: [PolicyExplanation]) -> OfflineReport {
        let verdict = explanations.map(\.verdict).max() ?? .allow
        return OfflineReport(
            isGood: verdict == .allow, lines: explanations.flatMap(\.lines),
            json: ["verdict": .string(verdict.name), "places": .array(explanations.map(\.json))])
    }
}

extension Access.PathUse {
    init(_ use: PolicyQuestion.Use) {
        switch use {
        case .read: self = .read
        case .write: self = .write
        case .search: self = .search
        }
    }
}
