import Foundation
import Surroundings
import Testing
import ToolKit

@testable import Tools

/// `git diff` makes patches, somebody changes the files meanwhile, and `git apply`, `patch` and we apply them.
@Suite(
    "Patches that git and patch apply as well",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct AgreementTests {
    private static let soaks = ProcessInfo.processInfo.environment["EXECLAYER_SOAK"] == "1"

    @Test(
        "R6: end the same way: the same files, or refused",
        .enabled(if: PatchPrograms.areThere))
    func agrees() async throws {
        let seed =
            ProcessInfo.processInfo.environment["EXECLAYER_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
        print("patch agreement: seed \(seed)")
        var dice = Dice(seed: seed)
        var tally = Tally()
        for context in Self.soaks ? [3, 0, 1, 3, 5, 0, 1, 3, 3, 2] : [3] {
            try await round(&dice, &tally, context: context, seed: seed)
        }
        print("patch agreement: \(tally)")
        #expect(tally.cases >= (Self.soaks ? 2_000 : 180))
        #expect(tally.traded > tally.cases / 80)
        #expect(tally.applied > tally.cases / 3 && tally.refused > tally.cases / 20 && tally.moved > 5)
    }

    private static let cautions = ["nothing shows where it belongs", "the file has not that many lines"]

    private struct Tally {
        var cases = 0
        var applied = 0
        var refused = 0
        var moved = 0
        /// Applied, and a name stands for something else afterwards.
        var traded = 0
        var onlyLikePatch = 0
        /// Diffs without any context: we refuse an insertion that git puts at the end of the file wherever it was
        /// meant, and hunks that git finds in another order than they stand in.
        var moreCautious = 0
    }

    private func round(_ dice: inout Dice, _ tally: inout Tally, context: Int, seed: UInt64) async throws {
        let cases = (0..<250).map { PatchCase("c\($0)", &dice) }
        let patches = try PatchPrograms.diffs(cases, context: context)
        for one in cases {
            guard let patch = patches[one.folder] else { continue }
            tally.cases += 1
            let git = try PatchPrograms.outcome(one.met, patch, PatchPrograms.git, ["apply", "-"])
            let gnu = try PatchPrograms.outcome(
                one.met, patch, PatchPrograms.patch, ["-p1", "-F0", "-s", "-f", "-N", "-r-", "--no-backup-if-mismatch"])
            let (ours, answer) = try await Self.ours(one.met, patch)
            let shown = "seed \(seed) \(one.folder)\n\(patch)"
            if git == nil {
                tally.refused += 1
                #expect(ours == nil, "git refuses, we do not: \(shown)")
            } else {
                if ours == nil, context == 0, Self.cautions.contains(where: answer.contains) {
                    tally.moreCautious += 1
                    continue
                }
                // Where a patch says that the file ends, git takes a line that goes on: it compares the bytes of the
                // hunk's last line and not its end. `patch` and we do not.
                if ours == nil, gnu == nil, patch.contains("\\ No newline at end of file") {
                    tally.moreCautious += 1
                    continue
                }
                tally.applied += 1
                if one.tradesNames { tally.traded += 1 }
                if ours != git, ours == gnu { tally.onlyLikePatch += 1 }
                #expect(ours == git || (ours != nil && ours == gnu), "git applies, we differ (\(answer)): \(shown)")
                if answer.contains("offset") { tally.moved += 1 }
            }
        }
    }

    private static func ours(
        _ files: [String: PatchCase.File], _ patch: String
    ) async throws -> (files: [String: PatchCase.File]?, answer: String) {
        let desk = try Desk()
        let folder = PatchFolder(at: desk.path)
        try folder.put(files)
        do {
            let result = try await desk.call(ApplyPatch(), ["patch": .string(patch)])
            return (folder.files(), "\(result)")
        } catch let failure as ToolFailure {
            #expect(folder.files() == files)
            return (nil, failure.message)
        }
    }
}
