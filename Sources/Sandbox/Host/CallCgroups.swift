#if os(Linux)
    internal import Foundation
    internal import Glibc
    internal import Synchronization

    /// Cgroups for calls, where this machine lets the daemon make some: below the daemon's own, v1 or v2. They are made once
    /// and used again, because entering one costs a twentieth of a millisecond and making one several.
    package final class CallCgroups: Sendable {
        /// One folder in each hierarchy that counts something, for one call at a time.
        struct Slot: Sendable {
            var memory: String?
            var pids: String?
            /// Their `cgroup.procs`, open for writing.
            var entrances: [Int32]
            /// Counts what the kernel kills; open for reading.
            var killCounter: Int32?
            var memoryLimit: UInt64?
            var pidsLimit: UInt64?
            var memoryKills: UInt64 = 0
        }

        private struct State {
            var free: [Slot] = []
            var made = 0
            var isClosed = false
        }

        private let base: CgroupBase
        private let state = Mutex(State())

        package var countsMemory: Bool { base.memory != nil }
        package var countsProcesses: Bool { base.pids != nil }

        /// `nil` where none can be had: unprivileged, a read-only hierarchy, or v2 without delegation.
        package init?() {
            guard let base = CgroupBase.make() else { return nil }
            self.base = base
        }

        deinit { close() }

        /// `nil` when none can be made any more; the supervisor watches then.
        func take(for limits: CallLimits) -> Slot? {
            let (taken, number) = state.withLock { state -> (Slot?, Int?) in
                guard !state.isClosed else { return (nil, nil) }
                if let slot = state.free.popLast() { return (slot, nil) }
                state.made += 1
                return (nil, state.made)
            }
            guard var slot = taken ?? number.flatMap(make) else { return nil }
            let pids = limits.processes.map(StartRequest.tasks)
            if let folder = slot.memory, slot.memoryLimit != limits.memory {
                base.limitMemory(folder, to: limits.memory)
                slot.memoryLimit = limits.memory
            }
            if let folder = slot.pids, slot.pidsLimit != pids {
                CgroupBase.write(folder + "/pids.max", pids.map { "\($0)" } ?? "max")
                slot.pidsLimit = pids
            }
            return slot
        }

        /// - Returns: Whether the kernel has killed for memory in it since it was taken.
        func giveBack(_ slot: Slot) -> Bool {
            var slot = slot
            let kills = slot.killCounter.map(CgroupBase.memoryKills) ?? 0
            let hasKilled = kills > slot.memoryKills
            slot.memoryKills = kills
            let isClosed = state.withLock { state in
                if !state.isClosed { state.free.append(slot) }
                return state.isClosed
            }
            if isClosed {
                remove(slot)
                // The last one to leave; it fails for those before.
                base.remove()
            }
            return hasKilled
        }

        /// Removes what is not in use; the rest goes when it is given back.
        package func close() {
            let free = state.withLock { state in
                state.isClosed = true
                defer { state.free = [] }
                return state.free
            }
            for slot in free { remove(slot) }
            base.remove()
        }

        /// Those of this process that exist, for tests.
        static func folders() -> [String] { CgroupBase.own() }

        private func make(_ number: Int) -> Slot? {
            var slot = Slot(entrances: [])
            var folders: [String] = []
            for parent in Set([base.memory, base.pids].compactMap(\.self)).sorted() {
                let folder = parent + "/call-\(number)"
                guard mkdir(folder, 0o755) == 0 else { break }
                folders.append(folder)
                let entrance = open(folder + "/cgroup.procs", O_WRONLY | O_CLOEXEC)
                guard entrance >= 0 else { break }
                slot.entrances.append(entrance)
                if parent == base.memory { slot.memory = folder }
                if parent == base.pids { slot.pids = folder }
            }
            guard slot.memory != nil || base.memory == nil, slot.pids != nil || base.pids == nil else {
                for entrance in slot.entrances { close(entrance) }
                for folder in folders { rmdir(folder) }
                return nil
            }
            slot.killCounter = slot.memory.flatMap(base.openMemoryKills)
            slot.memoryKills = slot.killCounter.map(CgroupBase.memoryKills) ?? 0
            return slot
        }

        private func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

        private func remove(_ slot: Slot) {
            for file in slot.entrances + [slot.killCounter].compactMap(\.self) { close(file) }
            for folder in Set([slot.memory, slot.pids].compactMap(\.self)) { rmdir(folder) }
        }
    }
#endif
