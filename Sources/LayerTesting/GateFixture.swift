internal import Foundation
package import Gate
package import ToolKit

/// A gate with in-memory stores, its files in a folder of their own, and clocks that stand still.
package final class GateFixture: Sendable {
    package let folder: String
    package let time = ManualTime()
    package let state = InMemoryState()
    package let budgets: any BudgetStore
    package let gate: Gate
    package let authenticator: Authenticator
    package let lockdown: Lockdown

    package init(
        tools: [any Tool] = [ProbeTool()], operatorToken: String? = nil, policy: String? = nil,
        rateLimits: RateLimits = .standard, budgets: any BudgetStore = InMemoryBudgets()
    ) async throws {
        self.budgets = budgets
        folder = NSTemporaryDirectory() + "gate-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if let policy { try policy.write(toFile: folder + "/policy.yaml", atomically: true, encoding: .utf8) }
        lockdown = try await Lockdown(store: state, time: time)
        authenticator = try await Authenticator(operatorToken: operatorToken, store: state, time: time)
        gate = Gate(
            catalog: try ToolCatalog(tools),
            configuration: try ConfigurationFile(
                path: folder + "/configuration.json", knownTools: KnownTools(adding: tools)),
            policy: try PolicyFile(path: folder + "/policy.yaml"), lockdown: lockdown, approvals: state,
            inbox: state, standingGrants: try await StandingGrants(store: state, time: time), rateLimits: rateLimits,
            workspaceRoots: ["/srv/work"], time: time,
            budgets: try await BudgetLedger(store: budgets, time: time))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Whoever comes without a token where none is configured.
    package var local: Principal {
        get throws { try authenticator.principal(for: nil, from: "test") }
    }

    /// Makes a token and recognises it.
    package func principal(_ role: Role, named name: String, tools: [String]? = nil) async throws -> Principal {
        let made = try await authenticator.create(.init(name: name, role: role, tools: tools)) { _ in }
        return try authenticator.principal(for: made.token, from: "test")
    }

    /// Admits the call and says what kind of grant it got.
    package func admit(_ call: ToolCall, from principal: Principal) async throws -> Grant.Kind {
        try await gate.admit(call, from: principal).kind
    }

    /// The code of the refusal, `nil` when the call passes.
    package func refusal(of call: ToolCall, from principal: Principal) async throws -> Refusal? {
        do {
            _ = try await gate.admit(call, from: principal).kind
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }
}
