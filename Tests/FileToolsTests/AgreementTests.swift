import Foundation
import Testing
import ToolKit

@testable import Tools

/// `git diff` makes patches, somebody changes the files meanwhile, and `git apply`, `patch` and we apply them.
@Suite("Patches that git and patch apply as well") struct AgreementTests {
    private static let soaks = ProcessInfo.processInfo.environment["EXECLAYER_SOAK"] == "1"
    private static let programs = ["/usr/bin/git", "/usr/bin/patch"]

    @Test(
        "R6: end the same way: the same files, or refused",
        .enabled(if: programs.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }))
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
        #expect(tally.applied > tally.cases / 3 && tally.refused > tally.cases / 20 && tally.moved > 5)
    }

    private static let cautions = ["nothing shows where it belongs", "the file has not that many lines"]

    private struct Tally {
        var cases = 0
        var applied = 0
        var refused = 0
        var moved = 0
        var onlyLikePatch = 0
        /// Diffs without any context: we refuse an insertion that git puts at the end of the file wherever it was
        /// meant, and hunks that git finds in another order than they stand in.
        var moreCautious = 0
    }

    private struct Case {
        let folder: String
        var before: [String: TestFile]
        var after: [String: TestFile]
        var met: [String: TestFile]
    }

    private func round(_ dice: inout Dice, _ tally: inout Tally, context: Int, seed: UInt64) async throws {
        let cases = (0..<250).map { Self.make("c\($0)", &dice) }
        let patches = try Self.patches(cases, context: context)
        for one in cases {
            guard let patch = patches[one.folder] else { continue }
            tally.cases += 1
            let git = try Self.outcome(one.met, patch, "/usr/bin/git", ["apply", "-"])
            let gnu = try Self.outcome(
                one.met, patch, "/usr/bin/patch", ["-p1", "-F0", "-s", "-f", "-N", "-r-", "--no-backup-if-mismatch"])
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
                tally.applied += 1
                if ours != git, ours == gnu { tally.onlyLikePatch += 1 }
                #expect(ours == git || (ours != nil && ours == gnu), "git applies, we differ (\(answer)): \(shown)")
                if answer.contains("offset") { tally.moved += 1 }
            }
        }
    }
}

private struct TestFile: Hashable {
    var bytes: [UInt8]
    var isExecutable = false
}

extension AgreementTests {
    private static func make(_ folder: String, _ dice: inout Dice) -> Case {
        let variety = [4, 30, 10_000, 10_000].randomElement(using: &dice) ?? 30
        let tag = " " + folder
        let style = LineStyle(&dice)
        let names = ["f.txt", "my file.txt", "größe.txt", "ta\tb.txt", "q\"uote.txt", "deep/er/f.txt"]
        let name = folder + "/" + (names.randomElement(using: &dice) ?? "f.txt")
        let lines = dice.lines(Int.random(in: 0...60, using: &dice), variety: variety, tag: tag)
        let old = TestFile(bytes: Array(style.text(lines).utf8), isExecutable: dice.chance(20))
        var newStyle = style
        if dice.chance(10) { newStyle.endsWithNewline.toggle() }
        let edited = newStyle.text(dice.edited(lines, variety: variety, tag: tag))
        var new = TestFile(bytes: Array(edited.utf8), isExecutable: old.isExecutable)
        if dice.chance(10) { new.isExecutable.toggle() }
        let met = TestFile(bytes: disturbed(lines, style, tag, &dice), isExecutable: old.isExecutable)
        switch Int.random(in: 0..<20, using: &dice) {
        case 0: return Case(folder: folder, before: [:], after: [name: new], met: dice.chance(80) ? [:] : [name: met])
        case 1: return Case(folder: folder, before: [name: old], after: [:], met: [name: met])
        case 2, 3:
            let other = folder + "/renamed/x.txt"
            return Case(folder: folder, before: [name: old], after: [other: new], met: [name: met])
        case 4: return Case(folder: folder, before: [name: old], after: [name: new], met: [:])
        default: return Case(folder: folder, before: [name: old], after: [name: new], met: [name: met])
        }
    }

    /// What somebody made of the file between the diff and its application.
    private static func disturbed(_ lines: [String], _ style: LineStyle, _ tag: String, _ dice: inout Dice) -> [UInt8] {
        var lines = lines
        let place = Int.random(in: 0...lines.count, using: &dice)
        switch Int.random(in: 0..<10, using: &dice) {
        case 0...3: break
        case 4, 5:
            lines.insert(
                contentsOf: dice.lines(Int.random(in: 1...9, using: &dice), variety: 99_999, tag: tag), at: place)
        case 6: lines.insert(contentsOf: dice.lines(3, variety: 99_999, tag: tag), at: 0)
        case 7: lines.removeSubrange(place..<min(lines.count, place + 3))
        case 8: lines.insert(contentsOf: lines.prefix(Int.random(in: 0...12, using: &dice)), at: place)
        default: if place < lines.count { lines[place] += "!" }
        }
        return Array(style.text(lines).utf8)
    }

    /// One `git diff` over all cases, cut into one patch each.
    private static func patches(_ cases: [Case], context: Int) throws -> [String: String] {
        let repository = try Folder()
        _ = try run("/usr/bin/git", ["init", "-q"], in: repository.path)
        var trees: [String] = []
        for files in [cases.map(\.before), cases.map(\.after)] {
            for name in try FileManager.default.contentsOfDirectory(atPath: repository.path) where name != ".git" {
                try FileManager.default.removeItem(atPath: repository.path + "/" + name)
            }
            for one in files { try repository.put(one) }
            _ = try run("/usr/bin/git", ["add", "-A"], in: repository.path)
            trees.append(
                try run("/usr/bin/git", ["write-tree"], in: repository.path).output.trimmingCharacters(
                    in: .whitespacesAndNewlines))
        }
        let diff = try run("/usr/bin/git", ["diff", "-M", "-U\(context)", trees[0], trees[1]], in: repository.path)
            .output
        var patches: [String: String] = [:]
        for part in ("\n" + diff).components(separatedBy: "\ndiff --git ").dropFirst() {
            let header = part.prefix { $0 != "\n" }
            guard let folder = header.split(separator: "/").dropFirst().first else { continue }
            patches[String(folder), default: ""] += "diff --git " + part + "\n"
        }
        return patches
    }

    /// What a program makes of the files; `nil` when it refuses.
    private static func outcome(
        _ files: [String: TestFile], _ patch: String, _ program: String, _ arguments: [String]
    ) throws -> [String: TestFile]? {
        let folder = try Folder()
        try folder.put(files)
        return try run(program, arguments, in: folder.path, input: patch).status == 0 ? folder.files() : nil
    }

    private static func ours(
        _ files: [String: TestFile], _ patch: String
    ) async throws -> (files: [String: TestFile]?, answer: String) {
        let desk = try Desk()
        let folder = Folder(at: desk.path)
        try folder.put(files)
        do {
            let result = try await desk.call(ApplyPatch(), ["patch": .string(patch)])
            return (folder.files(), "\(result)")
        } catch let failure as ToolFailure {
            #expect(folder.files() == files)
            return (nil, failure.message)
        }
    }

    private static func run(
        _ program: String, _ arguments: [String], in folder: String, input: String = ""
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = [
            "HOME": folder, "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C",
            "GIT_CEILING_DIRECTORIES": (folder as NSString).deletingLastPathComponent,
        ]
        let stdin = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(input.utf8).write(to: stdin)
        defer { try? FileManager.default.removeItem(at: stdin) }
        process.standardInput = try FileHandle(forReadingFrom: stdin)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}

/// A folder with files; one of its own making is removed at its end.
private final class Folder {
    let path: String
    private let isOwn: Bool

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/agree-" + UUID().uuidString
        isOwn = true
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    init(at path: String) {
        self.path = path
        isOwn = false
    }

    deinit { if isOwn { try? FileManager.default.removeItem(atPath: path) } }

    func put(_ files: [String: TestFile]) throws {
        for (name, file) in files {
            let full = path + "/" + name
            try FileManager.default.createDirectory(
                atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(file.bytes).write(to: URL(fileURLWithPath: full))
            try FileManager.default.setAttributes(
                [.posixPermissions: file.isExecutable ? 0o755 : 0o644], ofItemAtPath: full)
        }
    }

    func files() -> [String: TestFile] {
        var files: [String: TestFile] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
            let full = path + "/" + name
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            files[name] = TestFile(
                bytes: FileManager.default.contents(atPath: full).map(Array.init) ?? [],
                isExecutable: FileManager.default.isExecutableFile(atPath: full))
        }
        return files
    }
}
