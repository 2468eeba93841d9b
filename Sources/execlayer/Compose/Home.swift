internal import Foundation
internal import ToolKit

/// The folder that holds what the daemon knows: `config/`, `logs/`, `data/`.
struct Home: Sendable {
    /// Absolute, links resolved.
    let path: String

    var configuration: String { path + "/config" }
    var logs: String { path + "/logs" }
    var data: String { path + "/data" }
    var keys: String { path + "/data/keys" }
    var artifacts: String { path + "/data/artifacts" }
    var honeytokens: String { path + "/data/honeytokens" }
    var lock: String { path + "/data/daemon.lock" }

    /// Opens a home, making its folders with mode 0700 where they are missing.
    ///
    /// - Throws: ``HomeProblem``.
    init(opening path: String) throws(HomeProblem) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            self.path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            for folder in [configuration, logs, data, keys, artifacts] {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw HomeProblem(
                message: "the home folder \(path) cannot be made or written",
                remedy: "choose another one with --home or EXECUTION_HOME, or let this user write there")
        }
    }

    /// A home that is there already, for verbs that only read.
    ///
    /// - Throws: ``HomeProblem``.
    init(existing path: String) throws(HomeProblem) {
        self.path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: logs, isDirectory: &isFolder), isFolder.boolValue else {
            throw HomeProblem(
                message: "there is no home folder at \(path)", remedy: "name it with --home or EXECUTION_HOME")
        }
    }

    /// An empty folder for what programs are shown instead of a repository's own configuration.
    ///
    /// - Throws: ``HomeProblem``.
    func freshCopies() throws(HomeProblem) -> String {
        let folder = data + "/copies"
        do {
            if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw HomeProblem(
                message: "the folder \(folder) cannot be made anew", remedy: "let this user remove and make it")
        }
        return folder
    }

    /// Folders for effects: their contents, the journal of what is being put in place, and empty, the layers of programs.
    ///
    /// - Throws: ``HomeProblem``.
    func effects() throws(HomeProblem) -> (contents: String, journal: String, layers: String) {
        let base = data + "/effects"
        let (contents, journal, layers) = (base + "/contents", base + "/journal", base + "/layers")
        do {
            // What a killed daemon's programs wrote there may be closed to its owner; the layers themselves know how.
            for folder in [contents, journal, layers] {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw HomeProblem(message: "the folders in \(base) cannot be made", remedy: "let this user make them")
        }
        return (contents, journal, layers)
    }

    /// Folders of this home as seen from the workspace; every tool is kept out of them (SECURITY R65).
    func masked(in workspace: String) throws(HomeProblem) -> [WorkspacePath] {
        do throws(WorkspacePathError) {
            if path == workspace {
                return [try WorkspacePath("config"), try WorkspacePath("logs"), try WorkspacePath("data")]
            }
            guard path.hasPrefix(workspace + "/") else { return [] }
            return [try WorkspacePath(path, roots: [workspace])]
        } catch {
            throw HomeProblem(
                message: "the home folder \(path) \(error)",
                remedy: "choose a home folder outside the workspace with --home")
        }
    }
}
