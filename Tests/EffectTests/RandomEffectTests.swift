import Crypto
import Foundation
import Machine
import Surroundings
import Testing
import ToolKit

enum Hashing {
    static func sha256(_ bytes: [UInt8]) -> String { Hex.encode(SHA256.hash(data: bytes)) }
}

@Suite(
    "Random effects over two thousand files",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct RandomEffectTests {
    @Test("are applied exactly, and undone to the identical tree")
    func thereAndBack() throws {
        var seed = Seed(for: "random effects")
        let ground = try Ground()
        let model = Model.random(files: 2_000, &seed)
        model.write(to: ground.path)
        #expect(model.differences(from: ground.tree) == [])
        for round in 0..<Rounds.count(500) {
            let before = ground.tree
            var changed = model
            changed.change(times: [1, 10, 100].randomElement(using: &seed) ?? 10, &seed)
            let effect = try model.effect(to: changed, keepingIn: ground.store)
            let applier = try ground.applier()
            do {
                try applier.apply(effect, id: "r\(round)", keepsBefore: true)
            } catch let conflict as EffectConflict {
                let told = effect.files.filter { conflict.paths.contains($0.path) }
                Issue.record("round \(round): \(told) \(conflict.paths.map(\.shown))")
                return
            }
            let after = changed.differences(from: ground.tree)
            #expect(after == [], "round \(round)")
            try applier.apply(effect.inverse, id: "u\(round)", keepsBefore: true)
            let touched = Set(effect.files.map(\.path.bytes))
            let again = ground.tree.withoutTimes(of: touched)
            let wanted = before.withoutTimes(of: touched)
            guard after == [], again == wanted else {
                let told = again.differences(from: wanted).map { path in
                    let key = Array(path.utf8)
                    let changes = effect.files.filter { $0.path.bytes.starts(with: key) }.map(\.path.shown)
                    let folders = effect.folders.filter { $0.path.bytes == key }
                    return "\(path) is \(String(describing: again.entries[key])) and was "
                        + "\(String(describing: wanted.entries[key])); \(changes) \(folders)"
                }
                Issue.record("round \(round): \(told)")
                return
            }
        }
        #expect(ground.remains == [])
    }
}
