import Foundation

/// The programs whose verdict on a patch counts.
enum PatchPrograms {
    static let git = "/usr/bin/git"
    static let patch = "/usr/bin/patch"

    static var areThere: Bool { [git, patch].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) } }

    /// What `git diff` says of each case, by its folder; one that goes by way of `between` is two diffs behind one
    /// another.
    static func diffs(_ cases: [PatchCase], context: Int) throws -> [String: String] {
        let repository = try PatchFolder()
        _ = try run(git, ["init", "-q"], in: repository.path)
        var trees: [String] = []
        for files in [cases.map(\.before), cases.map { $0.between ?? $0.before }, cases.map(\.after)] {
            for name in try FileManager.default.contentsOfDirectory(atPath: repository.path) where name != ".git" {
                try FileManager.default.removeItem(atPath: repository.path + "/" + name)
            }
            for one in files { try repository.put(one) }
            _ = try run(git, ["add", "-A"], in: repository.path)
            trees.append(
                try run(git, ["write-tree"], in: repository.path).output.trimmingCharacters(
                    in: .whitespacesAndNewlines))
        }
        var patches: [String: String] = [:]
        for (old, new) in zip(trees, trees.dropFirst()) {
            let diff = try run(git, ["diff", "-B", "-M", "-U\(context)", old, new], in: repository.path).output
            for part in ("\n" + diff).components(separatedBy: "\ndiff --git ").dropFirst() {
                let header = part.prefix { $0 != "\n" }
                guard let folder = header.split(separator: "/").dropFirst().first else { continue }
                patches[String(folder), default: ""] += "diff --git " + part + "\n"
            }
        }
        return patches
    }

    /// What a program makes of the files; `nil` when it refuses.
    static func outcome(
        _ files: [String: PatchCase.File], _ patch: String, _ program: String, _ arguments: [String]
    ) throws -> [String: PatchCase.File]? {
        let folder = try PatchFolder()
        try folder.put(files)
        return try run(program, arguments, in: folder.path, input: patch).status == 0 ? folder.files() : nil
    }

    static func run(
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
