import Foundation
import Glibc
import Machine
import Surroundings
import Testing
import ToolKit

/// A process that applies an effect and is killed meanwhile; then another one starts.
@Suite(
    "A daemon that is killed while it applies or undoes",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"), .serialized)
struct KillTests {
    /// What a child process does with the effect that lies beside the workspace.
    enum Child {
        /// - Parameter step: The number of the step at which it kills itself.
        static func apply(at base: String, dyingAt step: Int) throws {
            let count = Steps()
            try run(at: base) { reached in
                count.add(reached)
                if count.all.count > step { kill(getpid(), SIGKILL) }
            }
        }

        static func apply(at base: String, dyingAfter microseconds: Int) throws {
            let start: () -> Void = {
                Thread.detachNewThread {
                    usleep(UInt32(microseconds))
                    kill(getpid(), SIGKILL)
                }
            }
            try run(at: base, beginning: start) { _ in }
        }

        private static func run(
            at base: String, beginning: () -> Void = {}, _ faults: @escaping ApplyFaults
        ) throws {
            let ground = try Ground(at: base)
            let data = try Data(contentsOf: URL(fileURLWithPath: base + "/effect.json"))
            guard let effect = Effect(json: try JSONReader.read(data)) else { return }
            let applier = try ground.applier(faults)
            beginning()
            try applier.apply(effect, id: "killed", keepsBefore: true)
            kill(getpid(), SIGKILL)
        }
    }

    private func leave(_ effect: Effect, in ground: Ground) throws {
        try Data(JSONWriter.write(effect.json)).write(to: URL(fileURLWithPath: ground.base + "/effect.json"))
    }

    @Test("R4: leaves all of it or nothing of it, wherever that is, once the next one has started")
    func everyStep() async throws {
        let ground = try Ground()
        let effect = try ApplyTests.everything(on: ground)
        let before = ground.tree
        let seen = Steps()
        try ground.applier { seen.add($0) }.apply(effect, id: "all", keepsBefore: true)
        let steps = seen.all
        let after = ground.tree
        try ground.applier().apply(effect.inverse, id: "back", keepsBefore: true)
        try leave(effect, in: ground)
        let touched = Set(effect.files.map(\.path.bytes))
        let end = try #require(steps.firstIndex(of: .committed))
        let isSoak = Rounds.count(10) == 10
        for step in stride(from: 0, to: steps.count, by: isSoak ? 1 : 5) {
            let base = ground.base
            await #expect(processExitsWith: .signal(SIGKILL)) { [base = base as String, step = step as Int] in
                try Child.apply(at: base, dyingAt: step)
            }
            let recovery = try ground.applier().recover()
            let isAfter = step >= end
            #expect(recovery.calls.allSatisfy { $0.end == (isAfter ? .finished : .takenBack) }, "\(steps[step])")
            #expect(recovery.calls.allSatisfy { $0.left == [] && $0.kept == [] && $0.open == [] }, "\(steps[step])")
            #expect(try ground.applier().recover() == EffectRecovery())
            let tree = ground.tree.withoutTimes(of: touched)
            #expect(tree == (isAfter ? after : before).withoutTimes(of: touched), "\(steps[step])")
            #expect(ground.remains == [], "\(steps[step])")
            if isAfter { try ground.applier().apply(effect.inverse, id: "back", keepsBefore: false) }
        }
    }

    @Test("R4: at random moments, leaves the workspace entirely before or entirely after")
    func randomMoments() async throws {
        var seed = Seed(for: "kills while applying")
        let ground = try Ground()
        let model = Model.random(files: 300, &seed)
        model.write(to: ground.path)
        var changed = model
        changed.change(times: 150, &seed)
        _ = try changed.effect(to: model, keepingIn: ground.store)
        let there = try model.effect(to: changed, keepingIn: ground.store)
        let start = ContinuousClock.now
        try ground.applier().apply(there, id: "timing", keepsBefore: true)
        let duration = ContinuousClock.now - start
        try ground.applier().apply(there.inverse, id: "timing", keepsBefore: true)
        var isThere = false
        var (finished, takenBack, nothing) = (0, 0, 0)
        for round in 0..<2 * Rounds.count(200) {
            let effect = isThere ? there.inverse : there
            try leave(effect, in: ground)
            let delay = Int.random(in: 0...max(1, Int(duration / .microseconds(1))), using: &seed)
            let base = ground.base
            await #expect(processExitsWith: .signal(SIGKILL)) { [base = base as String, delay = delay as Int] in
                try Child.apply(at: base, dyingAfter: delay)
            }
            let calls = try ground.applier().recover().calls
            switch calls.first?.end {
            case .finished: finished += 1
            case .takenBack: takenBack += 1
            case nil: nothing += 1
            }
            #expect(calls.allSatisfy { $0.left == [] && $0.kept == [] && $0.open == [] })
            let tree = ground.tree
            let differences = (model.differences(from: tree), changed.differences(from: tree))
            guard differences.0 == [] || differences.1 == [], ground.remains == [] else {
                Issue.record("round \(round), \(delay) µs: \(differences), \(ground.remains)")
                return
            }
            isThere = differences.1 == []
        }
        print("kills: \(takenBack) taken back, \(finished) finished, \(nothing) had nothing under way")
    }

    @Test("R4: while it takes back what a daemon before it left, changes nothing of that")
    func twice() async throws {
        let ground = try Ground()
        let effect = try ApplyTests.everything(on: ground)
        let before = ground.tree
        try leave(effect, in: ground)
        let base = ground.base
        let seen = Steps()
        try ground.applier { seen.add($0) }.apply(effect, id: "all", keepsBefore: true)
        try ground.applier().apply(effect.inverse, id: "back", keepsBefore: false)
        let verified = try #require(seen.all.firstIndex(of: .verified))
        let fresh = ground.tree
        for interrupted in stride(from: 0, to: effect.files.count, by: Rounds.count(10) == 10 ? 1 : 4) {
            await #expect(processExitsWith: .signal(SIGKILL)) { [base = base as String, verified = verified as Int] in
                try Child.apply(at: base, dyingAt: verified)
            }
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [base = base as String, interrupted = interrupted as Int] in
                let count = Steps()
                _ = try Ground(at: base).applier { step in
                    count.add(step)
                    if count.all.count > interrupted { kill(getpid(), SIGKILL) }
                }.recover()
                kill(getpid(), SIGKILL)
            }
            _ = try ground.applier().recover()
            #expect(ground.tree == fresh, "\(interrupted): \(ground.tree.differences(from: fresh))")
            #expect(ground.remains == [])
        }
        let touched = Set(effect.files.map(\.path.bytes))
        #expect(fresh.withoutTimes(of: touched) == before.withoutTimes(of: touched))
    }

    @Test(
        "goes when it was cut before it said anything, and stays for a person when it is none",
        arguments: ["", "execlayer-eff", "execlayer-effect 1\nworkspa", "\0\0\0", "something else\n", "something else"])
    func cut(text: String) throws {
        let ground = try Ground()
        try text.write(toFile: ground.journal + "/killed-0.journal", atomically: false, encoding: .utf8)
        let isForeign = text.hasPrefix("something")
        #expect(try ground.applier().recover().unreadable == (isForeign ? ["killed-0.journal"] : []))
        #expect(ground.remains == (isForeign ? ["killed-0.journal"] : []))
    }

    @Test("leaves what somebody has written until the next one starts, and says where")
    func editsInBetween() async throws {
        let ground = try Ground()
        let effect = try ApplyTests.everything(on: ground)
        try leave(effect, in: ground)
        let base = ground.base
        let seen = Steps()
        try ground.applier { seen.add($0) }.apply(effect, id: "all", keepsBefore: true)
        try ground.applier().apply(effect.inverse, id: "back", keepsBefore: false)
        let verified = try #require(seen.all.firstIndex(of: .verified))
        await #expect(processExitsWith: .signal(SIGKILL)) { [base = base as String, verified = verified as Int] in
            try Child.apply(at: base, dyingAt: verified)
        }
        // In place, by rename, anew, and in a folder that was new.
        let file = try #require(FileHandle(forUpdatingAtPath: ground.path + "/changed.txt"))
        file.seekToEndOfFile()
        file.write(Data(" and theirs".utf8))
        try file.close()
        try ground.put("added.new", "theirs too")
        rename(ground.path + "/added.new", ground.path + "/added.txt")
        try ground.put("deleted.txt", "made again")
        try ground.put("made/x.txt", "in a new folder")
        let recovery = try ground.applier().recover()
        let left = Set(recovery.calls.flatMap(\.left).map(\.shown))
        #expect(left == ["changed.txt", "added.txt", "deleted.txt", "made"])
        #expect(recovery.calls.allSatisfy { $0.end == .takenBack && $0.kept == [] && $0.open == [] })
        #expect(ground.text("changed.txt") == "new and longer and theirs")
        #expect(ground.text("added.txt") == "theirs too" && ground.text("deleted.txt") == "made again")
        #expect(ground.text("made/x.txt") == "in a new folder" && ground.text("made/link") == nil)
        #expect(ground.text("folder/other.txt") == "other" && ground.text("file") == "was a file")
        #expect(ground.remains == [])
        #expect(try ground.applier().recover() == EffectRecovery())
    }
}
