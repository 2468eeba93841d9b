package import Gate
package import ToolKit

/// Runs tools inside the daemon, on the thread that asks: the engine's, which may block.
package struct InProcessRunner: Runner {
    /// Makes the world that a call sees, held to what the gate admitted.
    package typealias World =
        @Sendable (
            _ call: AdmittedCall, _ site: CallSite, _ deadline: ContinuousClock.Instant
        ) -> ToolContext

    private let world: World

    package init(world: @escaping World) {
        self.world = world
    }

    package func run(_ grant: consuming Grant, at site: CallSite) async -> Outcome {
        let prepared = grant.prepared
        let kind = grant.kind
        let context = world(grant.admitted, site, .now + prepared.timeLimit)
        return await CallEffects.$underWay.withValue(site.effects) {
            await HoneytokenWatch.$underWay.withValue(site.watch) { await Self.run(prepared, kind, in: context) }
        }
    }

    private static func run(
        _ prepared: any PreparedCall, _ kind: Grant.Kind, in context: ToolContext
    ) async -> Outcome {
        do {
            switch kind {
            case .plan: return .planned(try await prepared.plan(in: context))
            // The worlds of a preview keep the workspace as it is.
            case .run, .preview: return .succeeded(try await prepared.call(in: context))
            }
        } catch let failure as ToolFailure {
            return .failed(failure)
        } catch let interruption as CallInterrupted {
            return .interrupted(interruption)
        } catch is CancellationError {
            return .interrupted(.cancelled)
        } catch {
            return .faulted(description: String(describing: error))
        }
    }
}
