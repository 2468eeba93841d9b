internal import Crypto

/// One program that a call wants to start. The gate judges this value, the audit keeps it, and what runs is made from
/// nothing else (SECURITY R10).
public struct Command: Sendable, Hashable {
    /// How the program sees the workspace.
    public enum WorkspaceView: Sendable, Hashable {
        /// Not at all.
        case hidden
        /// It can be read; what a rule lists under `writes:` changes nothing about that.
        case readOnly
        /// Read-only but for the folders that the matching rule lists under `writes:`.
        case asRuled
        /// These files and folders can be written, because the tool itself says so.
        case writable([WorkspacePath])
        /// All of it can be written. What it becomes is put in place at the end, or only told where the call is a preview.
        case layered
        /// The same for a script, which only ``Tool``s can make: no rule about commands judges its words.
        case script
        /// Read-only; what git writes for a commit goes into a private folder, and ``CommandRunner/commit(_:limits:)`` puts
        /// of it in place what a commit changes.
        case committing
    }

    /// The program as it was named, then its arguments.
    public let words: CommandWords
    /// Where it starts.
    public let folder: WorkspacePath
    public let view: WorkspaceView
    /// What the tool itself adds; there is no way from a caller to here (SECURITY R16, R34).
    public let environment: [String: String]

    public init(
        _ words: CommandWords, in folder: WorkspacePath = .root, view: WorkspaceView = .asRuled,
        environment: [String: String] = [:]
    ) {
        self.words = words
        self.folder = folder
        self.view = view
        self.environment = environment
    }

    /// Whether it works on a layer of the whole workspace.
    public var isLayered: Bool { view == .layered || view == .script }

    /// Whether it can change anything in the workspace.
    public var mayWrite: Bool {
        switch view {
        case .hidden, .readOnly: false
        case .asRuled, .committing, .layered, .script: true
        case .writable(let paths): !paths.isEmpty
        }
    }

    /// For the plan of a dry run, the audit and the digest; ``JSONWriter`` makes its bytes canonical.
    public var json: JSONValue {
        let writes: JSONValue
        let name: String
        switch view {
        case .hidden: (name, writes) = ("hidden", [])
        case .readOnly: (name, writes) = ("read_only", [])
        case .asRuled: (name, writes) = ("as_ruled", [])
        case .committing: (name, writes) = ("committing", [])
        case .layered: (name, writes) = ("layered", ["."])
        case .script: (name, writes) = ("script", ["."])
        case .writable(let paths): (name, writes) = ("writable", .array(paths.map { .string($0.description) }))
        }
        return [
            "words": .array(words.words.map(JSONValue.string)), "cwd": .string(folder.description),
            "workspace": .string(name), "writes": writes,
            "environment": .object(environment.mapValues(JSONValue.string)),
        ]
    }

    /// SHA-256 over the canonical ``json``, 64 lower-case hexadecimal digits.
    public var digest: String { Hex.encode(SHA256.hash(data: JSONWriter.write(json))) }
}
