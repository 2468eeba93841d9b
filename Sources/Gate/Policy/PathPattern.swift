internal import Foundation
package import ToolKit

/// A pattern over places in the workspace, in the spelling that everybody knows from `.gitignore`:
///
/// - without a slash it matches a name at any depth, otherwise a path from the workspace root; a slash at the start
///   says "from the root" of a single name, a slash at the end says nothing;
/// - `*` and `?` stand for characters of one name, `[a-z]` and `[!a-z]` for one of a class, `**` for any number of whole
///   names, none included; a backslash takes the next character as it is;
/// - what matches a folder matches everything below it.
///
/// Case never matters: on many disks `.ENV` is `.env`, and a rule that protects a name should not depend on the disk.
///
/// Matching takes at most (length of the path) × (length of the pattern) steps, whatever both hold.
package struct PathPattern: Sendable, Hashable {
    /// As it was written.
    package let text: String
    let segments: [Segment]

    enum Segment: Sendable, Hashable {
        /// `**`
        case anyNames
        case name(NameGlob)
    }

    /// Bounds what a policy file can cost.
    package static let lengthLimit = 1_024

    /// - Throws: ``PathPatternError`` saying what is not understood; nothing is guessed.
    package init(_ text: String) throws(PathPatternError) {
        self.text = text
        segments = try Self.parse(text)
    }

    /// Whether it matches (nearly) everything: no name in it holds a character that it insists on.
    package var isOverBroad: Bool {
        segments.allSatisfy { segment in
            if case .name(let glob) = segment { glob.saysNothing } else { true }
        }
    }

    /// - Parameter path: The root itself is matched by no pattern but an over-broad one.
    package func matches(_ path: WorkspacePath) -> Bool {
        matches(folded: path.components.map(NameGlob.folded))
    }

    /// - Parameter names: The path's components, each folded.
    ///
    /// A run of names between two `**` has a fixed length, so taking its first fit is never worse than a later one:
    /// one place to come back to is enough. The end of the pattern may lie before the end of the path, because what
    /// lies below a match is matched.
    func matches(folded names: [String]) -> Bool {
        var segment = 0
        var name = 0
        var retry: (segment: Int, name: Int)?
        while segment < segments.count {
            switch segments[segment] {
            case .anyNames:
                segment += 1
                retry = (segment, name)
                continue
            case .name(let glob):
                if name < names.count, glob.matches(folded: names[name]) {
                    segment += 1
                    name += 1
                    continue
                }
            }
            guard name < names.count, let place = retry else { return false }
            segment = place.segment
            name = place.name + 1
            retry = (segment, name)
        }
        return true
    }

    private static func parse(_ text: String) throws(PathPatternError) -> [Segment] {
        guard !text.isEmpty else { throw .init("is empty") }
        guard text.utf8.count <= lengthLimit else { throw .init("is longer than \(lengthLimit) bytes") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || 0x7F...0x9F ~= $0.value }) else {
            throw .init("holds a control character")
        }
        guard !text.hasPrefix("!") else { throw .init("starts with '!'; list exceptions under except") }
        guard !text.hasPrefix("~") else { throw .init("starts with '~'; patterns name places in the workspace") }
        var body = text[...]
        let isRooted = body.hasPrefix("/")
        if isRooted { body = body.dropFirst() }
        if body.hasSuffix("/") { body = body.dropLast() }
        guard !body.isEmpty else { return [.anyNames] }
        var segments: [Segment] = []
        if !isRooted, !body.contains("/") { segments.append(.anyNames) }
        for name in body.split(separator: "/", omittingEmptySubsequences: false) {
            switch name {
            case "": throw .init("holds an empty name; write single slashes")
            case ".", "..": throw .init("holds \"\(name)\"; write the path from the workspace root")
            case "**": if segments.last != .anyNames { segments.append(.anyNames) }
            default: segments.append(.name(try NameGlob(String(name))))
            }
        }
        // What lies below a match is matched anyway.
        while segments.count > 1, segments.last == .anyNames { segments.removeLast() }
        return segments
    }
}

/// Why a text is no pattern: a clause that follows the pattern.
package struct PathPatternError: Error, Sendable, Hashable, CustomStringConvertible {
    package let reason: String

    init(_ reason: String) { self.reason = reason }

    package var description: String { reason }
}

extension NameGlob {
    /// A name without its case, and in one composition, so that equal names are equal bytes.
    static func folded(_ name: String) -> String {
        var isPlain = true
        for byte in name.utf8 where byte >= 0x80 || 0x41...0x5A ~= byte {
            if byte >= 0x80 { return name.precomposedStringWithCanonicalMapping.uppercased().lowercased() }
            isPlain = false
        }
        return isPlain ? name : name.lowercased()
    }
}
