internal import Engine
internal import Foundation
internal import Gate
internal import Store
internal import ToolKit
internal import Tools

extension OfflineLayer {
    func explainPolicy(_ question: PolicyQuestion) async throws -> OfflineReport {
        let policy = try await pool.run { try loadPolicy() }
        switch question {
        case .summary:
            let named =
                policy.rules.map { ($0.name, $0.reason) } + policy.effects.rules.map { ($0.name, $0.reason) }
                + policy.hosts.rules.map { ($0.name, $0.reason) }
            let lines = named.map { name, reason in "\(name): \(reason)" }
            return OfflineReport(
                isGood: true, lines: ["policy \(policy.version.prefix(12)), \(lines.count) rules"] + lines,
                json: [
                    "version": .string(policy.version),
                    "rules": .array(
                        named.map { name, reason in ["name": .string(name), "reason": .string(reason)] }),
                ])
        case .effect(let id): return try await pool.run { try explainEffect(id, under: policy) }
        case .path(let text, let use):
            return Self.report([policy.explain(try path(text), Access.PathUse(use))])
        case .call(let tool, let arguments):
            let entry = try ToolCatalog(Hands.toolsAtFirstSight).require(tool)
            let canonical: [String: JSONValue]
            do throws(ArgumentProblems) {
                canonical = try entry.schema.canonical(arguments, roots: [location.workspace])
            } catch {
                throw Refusal(
                    .invalid, code: "invalid_arguments", "invalid arguments: \(error)",
                    remedy: "execlayer tools \(entry.name) shows what it takes")
            }
            let access = try entry.access(for: canonical)
            guard !access.places.isEmpty || !access.commands.isEmpty || !access.endpoints.isEmpty else {
                return OfflineReport(
                    isGood: true, lines: ["\(entry.name) touches nothing that rules speak of: allow"],
                    json: ["verdict": "allow", "places": [], "commands": [], "hosts": []])
            }
            return Self.report(
                access.places.map { policy.explain($0.path, $0.use) }, access.commands.map { policy.explain($0) },
                access.endpoints.map(policy.hosts.judge))
        case .url(let text):
            do throws(WebURLError) {
                return Self.report([], [], [policy.hosts.judge(try WebURL(text).endpoint)])
            } catch {
                throw Refusal(error.failure)
            }
        case .command(let words):
            return Self.report([], [policy.explain(Command(try Self.words(words)))])
        }
    }

    private func explainEffect(_ id: String, under policy: Policy) throws -> OfflineReport {
        let state = try StateDatabase(readingFrom: try Home(existing: location.home).data + "/state.sqlite")
        defer { try? state.close() }
        guard let record = try state.effect(id) else { throw Refusal(EffectFailure.unknownEffect) }
        let origin = Access.Origin(principal: record.principal, toolName: record.toolName)
        let judgement = policy.judge(
            Access(writing: record.effect, of: origin, judging: record.facts(under: policy.version)))
        let opinions = judgement.matches.filter { $0.verdict != .allow }.map(\.sentence)
        let sentences = opinions + (judgement.effect?.sentences ?? [])
        let lines = ["apply \(id) of \(record.toolName): \(judgement.verdict.name)"] + sentences.map { "  \($0)" }
        return OfflineReport(
            isGood: judgement.verdict == .allow, lines: lines,
            json: [
                "verdict": .string(judgement.verdict.name), "effect_id": .string(id),
                "effect_verdict": judgement.effect?.json ?? .null,
                "rules": .array(sentences.map(JSONValue.string)),
            ])
    }

    /// One word is a text, as shell_exec takes it; several are the words.
    private static func words(_ words: [String]) throws(Refusal) -> CommandWords {
        do throws(CommandWordsError) {
            return words.count == 1 ? try CommandWords(words[0]) : try CommandWords(list: words)
        } catch {
            throw Refusal(.invalid, code: error.code, "the command \(error)", remedy: error.remedy)
        }
    }

    private func loadPolicy() throws -> Policy {
        var masked: [WorkspacePath] = []
        if let home = try? Home(existing: location.home) { masked = try home.masked(in: location.workspace) }
        let path = location.home + "/config/" + PolicyFile.name
        do throws(FileProblem) {
            return try PolicyFile(
                path: path, masked: masked, roots: [location.workspace], domains: location.allowedDomains
            ).current
        } catch {
            throw HomeProblem(error, in: path)
        }
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

    private static func report(
        _ places: [PolicyExplanation], _ commands: [CommandExplanation] = [],
        _ hosts: [EndpointJudgement] = []
    ) -> OfflineReport {
        let verdict = (places.map(\.verdict) + commands.map(\.verdict) + hosts.map(\.verdict)).max() ?? .allow
        return OfflineReport(
            isGood: verdict == .allow,
            lines: places.flatMap(\.lines) + commands.flatMap(\.lines) + hosts.flatMap(\.lines),
            json: [
                "verdict": .string(verdict.name), "places": .array(places.map(\.json)),
                "commands": .array(commands.map(\.json)), "hosts": .array(hosts.map(\.json)),
            ])
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
