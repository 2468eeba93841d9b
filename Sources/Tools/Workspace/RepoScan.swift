package import ToolKit

/// Reports which libraries a repository asks for and where secrets were left in it; never a secret's value.
package struct RepoScan: Tool {
    package struct Arguments: ToolArguments {
        package let cwd: WorkspacePath?
        package let scanDeps: Bool
        package let scanSecrets: Bool
        package let maxFileSize: Int

        package static let schema = ArgumentSchema(
            .optional("cwd", .path, "The folder to scan; the workspace by default."),
            .optional("scan_deps", .boolean, default: true, "Whether manifests are read."),
            .optional("scan_secrets", .boolean, default: true, "Whether texts are searched for secrets."),
            .optional(
                "max_file_size", .integer(1...4_194_304), default: 100_000,
                "Larger files, in bytes, are counted and not read."))
    }

    package let name = "repo_scan"
    package let description =
        "Lists the dependencies that manifests name and the places where secrets seem to be left, never their values."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Scan for dependencies and secrets", readOnly: true)

    /// At most so many of each are answered; the rest is counted.
    static let maxListed = 5_000

    package init() {}

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access { .search(arguments.cwd ?? .root) }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        let folder = arguments.cwd ?? .root
        let subjects = [arguments.scanDeps ? "dependencies" : nil, arguments.scanSecrets ? "secrets" : nil]
        let spoken = subjects.compactMap(\.self).joined(separator: " and ")
        return [
            "summary": .string(
                spoken.isEmpty
                    ? "nothing, because both scans are switched off"
                    : "read the files below \(folder) of at most \(arguments.maxFileSize) bytes and look for \(spoken)"),
            "folder": .string(folder.description),
            "scan_deps": .bool(arguments.scanDeps),
            "scan_secrets": .bool(arguments.scanSecrets),
            "max_file_size": .integer(arguments.maxFileSize),
            "honours_gitignore": true,
            "writes": false,
        ]
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        var scan = RunningScan(arguments: arguments)
        let summary = try ProjectWalk(context: context, folder: arguments.cwd ?? .root).run { entry, summary in
            try scan.look(at: entry, &summary)
            return true
        }
        var result: [String: JSONValue] = [
            "dependencies": .array(scan.dependencies),
            "secrets": .array(scan.secrets),
            "counts": [
                "dependencies": .integer(scan.dependencyCount), "secrets": .integer(scan.secretCount),
                "files": .integer(summary.files), "scanned": .integer(scan.scanned),
                "binary": .integer(scan.binary), "too_large": .integer(scan.tooLarge),
                "ignored": .integer(summary.ignored), "hidden": .integer(summary.hidden),
                "unreadable": .integer(summary.unreadable), "links": .integer(summary.links),
            ],
            "truncated": .bool(
                summary.stoppedBy != nil || scan.dependencyCount > scan.dependencies.count
                    || scan.secretCount > scan.secrets.count),
        ]
        result["stopped_by"] = summary.stoppedBy.map { .string($0) }
        return ToolOutput(
            .object(result), summary: "\(scan.dependencyCount) dependencies, \(scan.secretCount) possible secrets")
    }
}

/// One scan on its way through the files.
private struct RunningScan {
    let arguments: RepoScan.Arguments
    var dependencies: [JSONValue] = []
    var secrets: [JSONValue] = []
    var dependencyCount = 0
    var secretCount = 0
    var scanned = 0
    var binary = 0
    var tooLarge = 0

    init(arguments: RepoScan.Arguments) { self.arguments = arguments }

    mutating func look(at entry: WalkEntry, _ summary: inout ProjectWalk.Summary) throws {
        let name = entry.path.name ?? ""
        let reader = arguments.scanDeps ? DependencyManifest.reader(for: name) : nil
        guard reader != nil || arguments.scanSecrets else { return }
        let slice: FileSlice
        do {
            slice = try entry.read(arguments.maxFileSize)
        } catch is ToolFailure {
            summary.unreadable += 1
            return
        }
        guard !slice.isTruncated else {
            tooLarge += 1
            return
        }
        guard !slice.bytes.prefix(WorkspaceSearch.binaryProbe).contains(0) else {
            binary += 1
            return
        }
        scanned += 1
        if let reader { add(reader(String(decoding: slice.bytes, as: UTF8.self)), of: entry.path) }
        if arguments.scanSecrets { addSecrets(in: slice.bytes, of: entry.path, name: name) }
    }

    private mutating func add(_ found: [Dependency], of path: WorkspacePath) {
        dependencyCount += found.count
        for dependency in found.prefix(DependencyManifest.maxDependencies)
        where dependencies.count < RepoScan.maxListed {
            dependencies.append([
                "file": .string(path.description), "name": .string(String(dependency.name.prefix(200))),
                "version": .string(String(dependency.version.prefix(200))),
            ])
        }
    }

    private mutating func addSecrets(in bytes: [UInt8], of path: WorkspacePath, name: String) {
        let isSettings = SecretPlausibility.isSettings(name)
        var line = 1
        var counted = 0
        for match in SecretShapes.find(in: bytes)
        where SecretPlausibility.isPlausible(match, in: bytes, isSettings: isSettings) {
            for byte in bytes[counted..<match.range.lowerBound] where byte == 0x0A { line += 1 }
            counted = match.range.lowerBound
            secretCount += 1
            guard secrets.count < RepoScan.maxListed else { continue }
            secrets.append([
                "file": .string(path.description), "line": .integer(line), "kind": .string(match.kind.rawValue),
            ])
        }
    }
}
