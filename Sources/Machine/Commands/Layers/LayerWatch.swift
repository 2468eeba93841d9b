#if os(Linux)
    internal import CPlatform
    internal import Dispatch
    internal import Sandbox
    internal import Synchronization
    internal import ToolKit

    /// Looks at a call's layers while it runs, and ends it when they become too much. What it misses between two looks is
    /// found when the layers are read.
    final class LayerWatch: Sendable {
        /// A look that counts takes as long as there are files, so it comes this much more seldom than it takes.
        private static let share = 8
        private static let depthLimit = 128

        /// One thread looks for all calls.
        private static let queue = DispatchQueue(label: "execlayer.layers.watch", qos: .utility)

        private let layer: LayerFolder
        private let limits: LayerLimits
        private let stopper: CallStopper
        private let isOver = Mutex(false)
        private let nextCount = Mutex<Int64>(0)

        init(_ layer: LayerFolder, limits: LayerLimits, stopper: CallStopper) {
            self.layer = layer
            self.limits = limits
            self.stopper = stopper
            schedule()
        }

        func end() { isOver.withLock { $0 = true } }

        private func schedule() {
            // Long enough that most calls end before the first look.
            Self.queue.asyncAfter(deadline: .now() + .milliseconds(30)) { [self] in look() }
        }

        private func look() {
            guard !isOver.withLock({ $0 }) else { return }
            if layer.freeBytes < limits.spareDisk { return stopper.stop(.diskSpace) }
            let begun = cp_monotonic_ns()
            if begun >= nextCount.withLock({ $0 }) {
                var (bytes, entries) = (0, 0)
                for part in layer.parts { count(part.upper, 1, &bytes, &entries) }
                if bytes > limits.bytes { return stopper.stop(.layerBytes) }
                if entries > limits.entries { return stopper.stop(.layerEntries) }
                let now = cp_monotonic_ns()
                nextCount.withLock { $0 = now + (now - begun) * Int64(Self.share) }
            }
            schedule()
        }

        /// Stops where it is too much already.
        private func count(_ folder: RawFolder, _ depth: Int, _ bytes: inout Int, _ entries: inout Int) {
            guard depth < Self.depthLimit, !isOver.withLock({ $0 }), let found = folder.entries() else { return }
            entries += found.count
            for entry in found {
                guard entries <= limits.entries, bytes <= limits.bytes else { return }
                switch entry.kind {
                case .file: bytes += Int(clamping: folder.facts(of: entry.name)?.size ?? 0)
                case .folder:
                    if let inner = RawFolder(entry.name, in: folder) { count(inner, depth + 1, &bytes, &entries) }
                case .link, .special: break
                }
            }
        }
    }
#endif
