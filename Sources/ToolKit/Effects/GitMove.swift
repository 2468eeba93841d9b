/// What a commit did to its repository beside the objects, which nobody sees that no name leads to: a branch went from one
/// commit to another, and the index with it. A value; the two indexes are found in ``EffectContents``.
public struct GitMove: Sendable, Hashable {
    /// The index as a file.
    public struct Index: Sendable, Hashable {
        public let sha256: String
        /// In bytes.
        public let size: Int

        public init(sha256: String, size: Int) {
            self.sha256 = sha256
            self.size = size
        }
    }

    /// One of the two sides.
    public struct State: Sendable, Hashable {
        /// Lower-case hexadecimal; `nil`: the branch had no commit yet.
        public let commit: String?
        /// `nil`: there was none yet.
        public let index: Index?

        public init(commit: String?, index: Index?) {
            self.commit = commit
            self.index = index
        }
    }

    /// The folder that `.git` lies in.
    public let repository: WorkspacePath
    /// `refs/heads/main`; `nil` when no branch was checked out.
    public let reference: String?
    public let before: State
    public let after: State

    public init(repository: WorkspacePath, reference: String?, before: State, after: State) {
        self.repository = repository
        self.reference = reference
        self.before = before
        self.after = after
    }

    /// What takes it back.
    public var inverse: GitMove {
        GitMove(repository: repository, reference: reference, before: after, after: before)
    }

    /// The hashes by which the indexes are kept.
    public var contents: Set<String> { Set([before.index, after.index].compactMap { $0?.sha256 }) }

    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "repository": .string(repository.description), "before": Self.json(before), "after": Self.json(after),
        ]
        members["reference"] = reference.map(JSONValue.string)
        return .object(members)
    }

    private static func json(_ state: State) -> JSONValue {
        var members: [String: JSONValue] = [:]
        members["commit"] = state.commit.map(JSONValue.string)
        members["index"] = state.index.map { ["sha256": .string($0.sha256), "size": .integer($0.size)] }
        return .object(members)
    }

    /// - Returns: `nil` for anything that ``json`` never is.
    public init?(json: JSONValue) {
        guard let name = json["repository"]?.stringValue,
            let repository = name == WorkspacePath.root.description ? .root : try? WorkspacePath(name),
            let before = Self.state(json["before"]), let after = Self.state(json["after"])
        else { return nil }
        self.init(
            repository: repository, reference: json["reference"]?.stringValue, before: before, after: after)
    }

    private static func state(_ json: JSONValue?) -> State? {
        guard let json, json.objectValue != nil else { return nil }
        var index: Index?
        if let member = json["index"] {
            guard let sha256 = member["sha256"]?.stringValue, let size = member["size"]?.integerValue else {
                return nil
            }
            index = Index(sha256: sha256, size: size)
        }
        return State(commit: json["commit"]?.stringValue, index: index)
    }
}
