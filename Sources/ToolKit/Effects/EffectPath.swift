/// A place below the workspace's root as its file system spells it: any bytes but NUL, `/` between components.
///
/// A ``WorkspacePath`` is what callers may name; a program may make names that no caller can.
public struct EffectPath: Sendable, Hashable, Comparable {
    /// Not empty, without a slash at either end, and without an empty, `.` or `..` component.
    public let bytes: [UInt8]

    /// - Returns: `nil` for bytes that are no such path.
    public init?(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
        guard isPlain, !bytes.contains(0) else { return nil }
        self.bytes = bytes
    }

    /// - Returns: `nil` for the root.
    public init?(_ path: WorkspacePath) {
        guard !path.isRoot else { return nil }
        bytes = Array(path.description.utf8)
    }

    private init(plain bytes: [UInt8]) { self.bytes = bytes }

    /// A name in a folder; in the root for `nil`. The name comes from a listing, so it is one component.
    public static func name(_ name: [UInt8], in folder: EffectPath?) -> EffectPath {
        EffectPath(plain: folder.map { $0.bytes + [UInt8(ascii: "/")] + name } ?? name)
    }

    public var components: [[UInt8]] { bytes.split(separator: UInt8(ascii: "/")).map(Array.init) }

    public var name: [UInt8] { Array(bytes.suffix(from: nameStart)) }

    /// `nil`: the root.
    public var parent: EffectPath? {
        nameStart == 0 ? nil : EffectPath(plain: Array(bytes.prefix(nameStart - 1)))
    }

    private var nameStart: Int { bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0 }

    public func isInside(_ folder: EffectPath) -> Bool {
        bytes.count > folder.bytes.count && bytes[folder.bytes.count] == UInt8(ascii: "/")
            && bytes.starts(with: folder.bytes)
    }

    /// What a caller may name and policy judge; `nil` when the name is not UTF-8 or is too long for one.
    public var workspacePath: WorkspacePath? {
        guard let text = String(validating: bytes, as: UTF8.self), let path = try? WorkspacePath(text),
            path.description.utf8.elementsEqual(bytes)
        else { return nil }
        return path
    }

    /// For people and for the `path` of an answer; bytes that are not UTF-8 are replaced.
    public var shown: String { String(decoding: bytes, as: UTF8.self) }

    /// By bytes: the order of an effect.
    public static func < (left: EffectPath, right: EffectPath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
