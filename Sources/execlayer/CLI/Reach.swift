internal import ToolKit

/// Who does the work of a verb: the daemon, or the home itself when none answers.
enum Reach: Sendable {
    case daemon(any DaemonDoor)
    case offline(any OfflineHome)
}

/// The flags that decide about ``Reach``.
struct ReachOptions: Sendable {
    let connection: ConnectionOptions
    let home: HomeOptions
    var isOffline = false
    /// Seconds to wait for an answer when the command line does not say.
    var patience = 60
}

extension Session {
    /// Calls `body` with the daemon when one answers, else with the home.
    ///
    /// A daemon that somebody named must answer. The default address is only a guess: when no daemon is there, the home
    /// is asked, and when another process holds that, the daemon that its lock file names. `body` may then be called a
    /// second time; nothing ran before, because nothing runs without the lock.
    func withReach<Value: Sendable>(
        _ options: ReachOptions, _ body: (Reach) async throws -> Value
    ) async throws -> Value {
        let target = try options.connection.target(in: self, patience: options.patience)
        let prefersHome = options.isOffline || (options.home.home != nil && !target.isNamed)
        if !prefersHome {
            let door = try connect(target)
            if try await answers(door, isNamed: target.isNamed) { return try await body(.daemon(door)) }
        }
        do {
            return try await withOfflineHome(options.home) { try await body(.offline($0)) }
        } catch let held as HomeInUse {
            guard !options.isOffline, let base = held.base, let address = try? DaemonAddress(base) else { throw held }
            return try await body(.daemon(connect(target.at(address))))
        }
    }

    /// Calls `body` with the home, whether or not a daemon runs.
    func withOfflineHome<Value: Sendable>(
        _ options: HomeOptions, _ body: (any OfflineHome) async throws -> Value
    ) async throws -> Value {
        let home = try await openHome(options.location(in: self))
        do {
            let value = try await body(home)
            await home.close()
            return value
        } catch {
            await home.close()
            throw error
        }
    }

    /// Asks without the token: whoever sits at a guessed address must not learn it.
    private func answers(_ door: any DaemonDoor, isNamed: Bool) async throws -> Bool {
        do throws(any Error) {
            let answer = try await door.send(.health)
            if answer.body["status"] == "ok" || answer.body["success"] != nil { return true }
            throw ClientFailure.notADaemon(door.address, "its /health says something else")
        } catch let failure as ClientFailure where !isNamed {
            switch failure {
            case .unreachable, .notADaemon: return false
            default: throw failure
            }
        }
    }
}
