internal import Audit
package import Engine
package import Gate
internal import HTTPTypes
internal import HummingbirdCore
package import Logging
internal import Synchronization
internal import ToolKit

/// The HTTP door: it recognises who asks, decodes, calls, encodes. Judging and running is the engine's.
package final class Door: Sendable {
    let engine: Engine
    let administration: Administration
    let desk: InboxDesk
    let playbooks: PlaybookDesk
    let hub: EventHub
    let tasks: TaskDesk
    let authenticator: Authenticator
    let time: any TimeSource
    let logger: Logger
    let tools: ToolListing
    /// Owner: ``observe(_:)`` and ``tick()``.
    let tally = Mutex(FailureTally())
    /// The same for callers who were recognised, by name: a token is no licence to fill the disk.
    let callerTally = Mutex(FailureTally(individually: 60))

    var gate: Gate { engine.gate }
    var log: AuditLog { engine.recorder.log }

    package init(
        engine: Engine, administration: Administration, desk: InboxDesk, tasks: TaskDesk, playbooks: PlaybookDesk,
        hub: EventHub, authenticator: Authenticator, time: any TimeSource, logger: Logger
    ) {
        self.engine = engine
        self.administration = administration
        self.desk = desk
        self.tasks = tasks
        self.playbooks = playbooks
        self.hub = hub
        self.authenticator = authenticator
        self.time = time
        self.logger = logger
        tools = ToolListing(catalog: engine.gate.catalog)
    }

    /// Every path that this door answers. One that is not here is a 404.
    package var routes: RouteTable {
        var table = RouteTable()
        addPublicRoutes(to: &table)
        addDashboardRoutes(to: &table)
        addCallRoutes(to: &table)
        addEffectRoutes(to: &table)
        addRecordRoutes(to: &table)
        addArtifactRoutes(to: &table)
        addConfigurationRoutes(to: &table)
        addDecisionRoutes(to: &table)
        addTokenRoutes(to: &table)
        addInboxRoutes(to: &table)
        addPlaybookRoutes(to: &table)
        addEventRoutes(to: &table)
        addTaskRoutes(to: &table)
        addWhoAmI(to: &table)
        return table
    }

    typealias Handler = @Sendable (_ request: RouteRequest, _ principal: Principal) async throws -> Response

    /// A handler that needs a caller who is recognised; what it refuses is recorded with the caller's name.
    ///
    /// - Parameter needsKey: `false` lets a bound session pass by its cookie alone: for a path that only those can name who
    ///   have seen it, so that a browser can save a file by itself.
    func authenticated(needsKey: Bool = true, _ handler: @escaping Handler) -> RouteTable.Handler {
        { request in
            let principal = try self.principal(of: request, needsKey: needsKey)
            do {
                return try await handler(request, principal)
            } catch {
                var refusal = try HTTPRefusal(of: error)
                await self.record(refusal, of: request, by: principal)
                refusal.isRecorded = true
                throw refusal
            }
        }
    }

    private func principal(of request: RouteRequest, needsKey: Bool) throws(HTTPRefusal) -> Principal {
        do throws(AuthenticationFailure) {
            return try authenticator.principal(
                for: Credential.proof(in: request.request.headers), needsKey: needsKey, from: request.peer)
        } catch {
            throw HTTPRefusal(error)
        }
    }
}
