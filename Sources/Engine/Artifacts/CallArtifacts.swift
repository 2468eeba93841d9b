internal import Synchronization
internal import ToolKit

/// What one call keeps, held to what one call may.
final class CallArtifacts: ArtifactKeeper {
    private struct State {
        var kept: [Artifact] = []
        var files = 0
        var bytes = 0
    }

    private let call: CallLabel
    private let store: ArtifactStore
    private let state = Mutex(State())

    init(of call: CallLabel, in store: ArtifactStore) {
        self.call = call
        self.store = store
    }

    /// So far, in order; for the record of the call.
    var kept: [Artifact] { state.withLock { $0.kept } }

    var largestFile: Int { store.limits.fileBytes }

    func keep(_ name: String, from source: any ArtifactSource) async throws(ArtifactRefusal) -> Artifact {
        let limits = store.limits
        // Reserved before it is copied, so that several at once do not exceed it together.
        let reserved = max(0, source.size)
        let room = try state.withLock { state throws(ArtifactRefusal) in
            guard state.files < limits.callFiles else {
                throw ArtifactRefusal("a call keeps at most \(limits.callFiles) files", isFinal: true)
            }
            guard state.bytes + reserved <= limits.callBytes else {
                throw ArtifactRefusal("a call keeps at most \(limits.callBytes >> 20) MiB")
            }
            state.files += 1
            state.bytes += reserved
            return limits.callBytes - state.bytes + reserved
        }
        do throws(ArtifactRefusal) {
            let artifact = try await store.keep(name, from: source, of: call, room: room)
            state.withLock { state in
                state.kept.append(artifact)
                state.bytes += artifact.size - reserved
            }
            return artifact
        } catch {
            state.withLock { state in
                state.files -= 1
                state.bytes -= reserved
            }
            throw error
        }
    }
}
