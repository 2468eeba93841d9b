internal import Desktop
internal import Engine
internal import Foundation
internal import Gate
internal import HTTPDoor
internal import ToolKit
internal import Tools

/// The command line without a daemon: the same layer, composed for the length of one verb.
struct OfflineLayer: OfflineHome {
    let location: HomeLocation
    let pool = BlockingPool(width: 1, name: "offline")

    init(at location: HomeLocation) async throws { self.location = location }

    func close() async {}

    /// Holds the home's lock while `body` works.
    func withLayer<Value: Sendable>(_ body: (Layer) async throws -> Value) async throws -> Value {
        let home = try Home(opening: location.home)
        let lock = try HomeLock(of: home)
        let layer = try await Layer(
            LayerOptions(
                home: location.home, workspace: location.workspace, allowedDomains: location.allowedDomains),
            home: home, lock: lock)
        do {
            let value = try await body(layer)
            await layer.close()
            return value
        } catch {
            await layer.close()
            throw Self.plain(error)
        }
    }

    /// A refusal of the protocol in the words of the gate.
    private static func plain(_ error: any Error) -> any Error {
        guard let refusal = error as? HTTPRefusal else { return error }
        return Refusal(.invalid, code: refusal.code, refusal.detail, remedy: refusal.remedy)
    }

    private static var desktop: Availability {
        X11Desktop.availability(of: DisplayChoice(environment: ProcessInfo.processInfo.environment))
    }

    func toolList() async throws -> JSONValue {
        let path = location.home + "/config/" + ConfigurationFile.name
        let settings = try await pool.run {
            do throws(FileProblem) {
                return try ConfigurationFile(
                    path: path,
                    knownTools: KnownTools(
                        adding: builtInTools(
                            commands: Hands.availabilityAtFirstSight, desktop: Self.desktop))
                ).current
            } catch {
                throw HomeProblem(error, in: path)
            }
        }
        return [
            "success": true,
            "tools": ToolListing(
                catalog: try ToolCatalog(
                    builtInTools(
                        commands: Hands.availabilityAtFirstSight, desktop: Self.desktop))
            ).json(
                under: settings),
        ]
    }

    func run(call: JSONValue) async throws -> JSONValue {
        try await withLayer { layer in
            await layer.engine.answer(try ToolCall(envelope: call), from: Authenticator.owner, through: "cli").json
        }
    }

    func createToken(_ request: JSONValue) async throws -> JSONValue {
        try await withLayer { layer in
            let made = try await layer.administration.createToken(
                try Authenticator.Request(envelope: request), by: Authenticator.owner)
            return ["success": true, "token_id": .string(made.record.id), "token": .string(made.token)]
        }
    }

    func listTokens() async throws -> JSONValue {
        try await withLayer { layer in
            ["success": true, "tokens": .array(layer.authenticator.tokens.map(\.json))]
        }
    }

    func revokeToken(_ id: String) async throws -> JSONValue {
        try await withLayer { layer in
            guard let token = try await layer.administration.revokeToken(id: id, by: Authenticator.owner) else {
                throw Refusal(
                    .invalid, code: "unknown_token", "there is no such token",
                    remedy: "execlayer token list shows their ids")
            }
            return ["success": true, "token_id": .string(token.id)]
        }
    }
}
