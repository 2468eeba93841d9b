/// Which files of a program's own folder are to be kept.
///
/// A name keeps that file, or everything below that folder. With `*`, `?` or `[…]` it is matched against the whole path of
/// every file; `**` stands for any number of folders.
public struct KeepPattern: Sendable, Hashable {
    /// The folder that patterns are relative to, as programs see it.
    public static let folder = "/home/sandbox"
    public static let lengthLimit = 512

    /// Relative, without `.` and empty components.
    public let text: String
    /// The components before the first with a wildcard.
    private let literal: [[UInt8]]
    /// `nil` for a plain name.
    private let glob: GlobPattern?

    /// - Parameter text: Relative to ``folder``, or absolute below it.
    /// - Throws: ``ToolFailure`` that says what is wrong with it.
    public init(_ text: String) throws(ToolFailure) {
        var rest = text[...]
        if rest.hasPrefix("/") {
            guard rest.hasPrefix(Self.folder + "/") else {
                throw Self.failure("names a place outside \(Self.folder)")
            }
            rest = rest.dropFirst(Self.folder.count)
        }
        let components = rest.split(separator: "/").filter { $0 != "." }
        guard !components.isEmpty else { throw Self.failure("is empty; ** keeps everything") }
        guard !components.contains("..") else { throw Self.failure("holds ..") }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw Self.failure("holds control characters")
        }
        self.text = components.joined(separator: "/")
        let plain = components.prefix { !$0.contains(where: Self.isWildcard) }
        literal = plain.map { Array($0.utf8) }
        guard plain.count < components.count else {
            glob = nil
            return
        }
        guard let glob = GlobPattern(Array(self.text.utf8)[...]) else {
            throw Self.failure("has a [ without its ], or ends in a backslash")
        }
        self.glob = glob
    }

    private static func isWildcard(_ character: Character) -> Bool { "*?[\\".contains(character) }

    private static func failure(_ what: String) -> ToolFailure {
        ToolFailure(
            "invalid_argument", "a pattern of keep \(what)",
            remedy: "name files relative to the folder the program starts in, such as report.html or out/**")
    }

    /// - Parameter path: Relative, its components' bytes.
    public func matches(_ path: [[UInt8]]) -> Bool {
        guard let glob else { return path.starts(with: literal) }
        return glob.matches(Array(path.joined(separator: [UInt8(ascii: "/")]))[...])
    }

    /// Whether a file below the folder might match; a walk leaves out the others.
    public func mayMatch(below folder: [[UInt8]]) -> Bool {
        zip(folder, literal).allSatisfy { $0 == $1 } && (glob != nil || folder.count < literal.count || matches(folder))
    }

    /// The only name in the folder that the pattern can lead through; `nil` when any may.
    public func name(below folder: [[UInt8]]) -> [UInt8]? {
        folder.count < literal.count ? literal[folder.count] : nil
    }

    /// Whether the pattern says this very name, or that of a folder on the way to what it says.
    public func names(_ path: [[UInt8]]) -> Bool { literal.starts(with: path) }
}

/// What became of the files that were to be kept.
public struct KeptFiles: Sendable, Hashable {
    public struct Omission: Sendable, Hashable {
        /// Of the file or pattern; characters that are none are replaced.
        public let name: String
        /// A clause for people.
        public let reason: String

        public init(name: String, reason: String) {
            self.name = name
            self.reason = reason
        }
    }

    private static let listed = 50

    public var artifacts: [Artifact] = []
    /// The first of them.
    public private(set) var omissions: [Omission] = []
    public private(set) var omitted = 0

    public init() {}

    public mutating func omit(_ name: String, _ reason: String) {
        omitted += 1
        if omissions.count < Self.listed { omissions.append(Omission(name: name, reason: reason)) }
    }

    /// The members of a result that tell it.
    public var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["artifacts": .array(artifacts.map(\.json))]
        guard omitted > 0 else { return members }
        members["not_kept"] = .array(omissions.map { ["name": .string($0.name), "reason": .string($0.reason)] })
        if omitted > omissions.count { members["not_kept_count"] = .integer(omitted) }
        return members
    }
}
