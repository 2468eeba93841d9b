/// A place in the workspace: relative to its root, `/` between components, no empty, `.` or `..` component.
///
/// This is a *name*, not a promise: a component may be a link. Only the workspace's file layer opens one, beneath the
/// root's descriptor, and judges what it really opened (SECURITY R1).
public struct WorkspacePath: Sendable, Hashable {
    /// The components in order; empty for the root itself.
    public let components: [String]

    public static let root = WorkspacePath(components: [])

    private init(components: [String]) { self.components = components }

    /// Reads a path as a caller spells it.
    ///
    /// - Parameter roots: Absolute spellings of the workspace root, without a trailing slash. An absolute path passes
    ///   when it lies inside one of them, compared component by component.
    /// - Throws: ``WorkspacePathError`` when it is empty, too long, holds NUL or leaves the root.
    public init(_ text: String, roots: [String] = []) throws(WorkspacePathError) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= 4_096 else { throw .tooLong }
        guard !text.utf8.contains(0) else { throw .holdsNUL }
        guard !text.hasPrefix("~/"), text != "~", !Self.holdsScheme(text) else { throw .notAPath }
        var relative = text[...]
        if text.utf8.first == UInt8(ascii: "/") {
            guard let inside = Self.inside(text, roots: roots) else { throw .outside }
            relative = inside
        }
        var components: [String] = []
        // By bytes: a character that is made of a slash and what follows it is still a slash for the kernel.
        for component in relative.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true) {
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                guard components.popLast() != nil else { throw .outside }
                continue
            }
            guard component.count <= 255 else { throw .tooLong }
            components.append(String(Substring(component)))
        }
        self.components = components
    }

    /// `scheme://`: a place on a network.
    private static func holdsScheme(_ text: String) -> Bool {
        var previous: (UInt8, UInt8) = (0, 0)
        for byte in text.utf8 {
            if byte == UInt8(ascii: "/"), previous == (UInt8(ascii: ":"), UInt8(ascii: "/")) { return true }
            previous = (previous.1, byte)
        }
        return false
    }

    private static func inside(_ text: String, roots: [String]) -> Substring? {
        for root in roots where text.hasPrefix(root) {
            let rest = text.dropFirst(root.count)
            if rest.isEmpty || rest.hasPrefix("/") { return rest }
        }
        return nil
    }

    public var isRoot: Bool { components.isEmpty }

    /// The last component, or `nil` for the root.
    public var name: String? { components.last }

    /// The folder that holds it; the root's parent is the root.
    public var parent: WorkspacePath { WorkspacePath(components: components.dropLast()) }

    /// - Precondition: `name` is one component: not empty, not `.` or `..`, no slash, no NUL.
    public func appending(component name: String) -> WorkspacePath {
        precondition(!name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == 0x2F || $0 == 0 })
        return WorkspacePath(components: components + [name])
    }

    /// `path` below this one.
    public func appending(_ path: WorkspacePath) -> WorkspacePath {
        WorkspacePath(components: components + path.components)
    }

    /// Whether this is `folder` or lies below it.
    public func relative(to folder: WorkspacePath) -> String? {
        guard isInside(folder) else { return nil }
        let rest = components.dropFirst(folder.components.count)
        return rest.isEmpty ? "." : rest.joined(separator: "/")
    }

    public func isInside(_ folder: WorkspacePath) -> Bool {
        components.starts(with: folder.components)
    }
}

extension WorkspacePath: CustomStringConvertible {
    /// `.` for the root.
    public var description: String { isRoot ? "." : components.joined(separator: "/") }
}

extension WorkspacePath: Decodable {
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }
}

/// Why a text names no place in the workspace.
public enum WorkspacePathError: Error, Sendable, Hashable {
    case empty
    case tooLong
    case holdsNUL
    case notAPath
    case outside
}

extension WorkspacePathError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "is empty; name a file or folder relative to the workspace"
        case .tooLong: "is too long; at most 4096 bytes, 255 a component"
        case .holdsNUL: "holds a NUL character"
        case .notAPath: "is not a path; no '~' and no URL, name a file or folder relative to the workspace"
        case .outside: "lies outside the workspace; use a path relative to its root"
        }
    }
}
