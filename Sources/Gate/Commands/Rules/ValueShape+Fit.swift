internal import ToolKit

/// Where paths of a command are read from.
struct CommandPlace: Sendable {
    let folder: WorkspacePath
    /// Absolute spellings of the workspace root.
    let roots: [String]

    /// - Returns: `nil` when it leaves the workspace.
    func path(_ word: String) -> WorkspacePath? {
        if word.utf8.first == UInt8(ascii: "/") { return try? WorkspacePath(word, roots: roots) }
        return try? WorkspacePath(folder.isRoot ? word : "\(folder)/\(word)")
    }
}

extension ValueShape {
    enum Fit: Sendable {
        /// - Parameter path: The place in the workspace that the value names.
        case fits(path: WorkspacePath?)
        /// A clause: `must be a number`.
        case differs(String)
    }

    /// - Parameter mayDash: Whether nothing can take it for a flag any more: behind `=` or behind `--`.
    func fit(_ word: String, from place: CommandPlace, mayDash: Bool) -> Fit {
        if ShellSafe.startsWithDash(word), !mayDash, !allowsDash {
            return .differs("must not start with '-'")
        }
        switch self {
        case .text: return .fits(path: nil)
        case .word: return Self.plain(!ShellSafe.startsWithDash(word), "must not start with '-'")
        case .path: return Self.path(word, place)
        case .revision: return Self.revision(word, place)
        case .number: return Self.plain(Self.isNumber(word.utf8[...]), "must be a number")
        case .count: return Self.plain(Self.isCount(word), "must be a number, with a sign or a unit at most")
        case .duration: return Self.plain(Self.isDuration(word), "must be a time such as 10s")
        case .sed:
            do throws(SedScriptError) {
                try SedScript.check(word)
                return .fits(path: nil)
            } catch {
                return .differs("must be a script that only prints: it \(error.reason)")
            }
        case .oneOf(let words):
            let isListed = words.contains { ShellSafe.same($0, word) }
            return Self.plain(isListed, "must be one of \(words.joined(separator: ", "))")
        }
    }

    private static func plain(_ fits: Bool, _ reason: String) -> Fit { fits ? .fits(path: nil) : .differs(reason) }

    private static func path(_ word: String, _ place: CommandPlace) -> Fit {
        guard !ShellSafe.same(word, "-") else { return .differs("must be a file; standard input is empty") }
        guard let path = place.path(word) else { return .differs("must be a path inside the workspace") }
        return .fits(path: path)
    }

    /// `HEAD:a/b` reads the file `a/b` as it was; what only looks like a path may be one.
    private static func revision(_ word: String, _ place: CommandPlace) -> Fit {
        guard !ShellSafe.startsWithDash(word) else { return .differs("must not start with '-'") }
        if let colon = colon(in: word.utf8) {
            let behind = String(word[word.utf8.index(after: colon)...])
            return .fits(path: try? WorkspacePath(behind))
        }
        guard word.utf8.first != UInt8(ascii: "/") else { return path(word, place) }
        guard word.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual("..".utf8) }) else {
            return .fits(path: place.path(word))
        }
        return path(word, place)
    }

    /// The colon that a path stands behind: of `HEAD:a`, `:a` and `:0:a`, which is what is staged. One inside of braces, as
    /// in `HEAD^{/fix: x}`, belongs to the revision.
    private static func colon(in word: String.UTF8View) -> String.UTF8View.Index? {
        if word.starts(with: ":".utf8) {
            let stage = word.dropFirst().prefix(2)
            let isStage = stage.count == 2 && 0x30...0x33 ~= (stage.first ?? 0) && stage.last == UInt8(ascii: ":")
            return isStage ? word.index(word.startIndex, offsetBy: 2) : word.startIndex
        }
        var depth = 0
        for place in word.indices {
            switch word[place] {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ":") where depth <= 0: return place
            default: break
            }
        }
        return nil
    }

    static func isNumber(_ digits: Substring.UTF8View) -> Bool {
        !digits.isEmpty && digits.count <= 18 && digits.allSatisfy { 0x30...0x39 ~= $0 }
    }

    private static func isCount(_ word: String) -> Bool {
        var rest = word.utf8[...]
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest.removeFirst() }
        let digits = rest.prefix { 0x30...0x39 ~= $0 }
        let unit = rest.dropFirst(digits.count)
        return isNumber(digits) && unit.count <= 3 && unit.allSatisfy { 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 }
    }

    private static func isDuration(_ word: String) -> Bool {
        var rest = word.utf8[...]
        if let unit = rest.last, "smhd".utf8.contains(unit) { rest.removeLast() }
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        return parts.allSatisfy { isNumber($0) }
    }
}
