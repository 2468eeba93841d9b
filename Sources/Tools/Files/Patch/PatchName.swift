internal import ToolKit

/// A file name as a patch spells it.
enum PatchName {
    /// A name that stands alone on the rest of a line, quoted or not.
    static func whole(_ text: ArraySlice<UInt8>, line: Int) throws(ToolFailure) -> [UInt8] {
        guard text.first == UInt8(ascii: "\"") else { return Array(text) }
        let (name, rest) = try quoted(text, line: line)
        guard rest.isEmpty else { throw PatchFailure.malformed("something follows a quoted name", line: line) }
        return name
    }

    /// A name in double quotes with C escapes, as git writes what is not plain ASCII.
    static func quoted(
        _ text: ArraySlice<UInt8>, line: Int
    ) throws(ToolFailure) -> (name: [UInt8], rest: ArraySlice<UInt8>) {
        var name: [UInt8] = []
        var rest = text.dropFirst()
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return (name, rest)
            case UInt8(ascii: "\\"):
                guard let escaped = escape(&rest) else {
                    throw PatchFailure.malformed("a quoted name holds an unknown escape", line: line)
                }
                name.append(escaped)
            default: name.append(byte)
            }
        }
        throw PatchFailure.malformed("a quoted name does not end", line: line)
    }

    private static func escape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        guard let byte = rest.popFirst() else { return nil }
        switch byte {
        case UInt8(ascii: "a"): return 0x07
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "v"): return 0x0B
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
        case 0x30...0x33:
            guard let second = rest.popFirst(), let third = rest.popFirst(), 0x30...0x37 ~= second,
                0x30...0x37 ~= third
            else { return nil }
            return (byte - 0x30) << 6 | (second - 0x30) << 3 | (third - 0x30)
        default: return nil
        }
    }

    /// The place that a name means, below the folder that the patch is for.
    static func place(_ name: [UInt8], in folder: WorkspacePath, line: Int) throws(ToolFailure) -> WorkspacePath {
        guard let text = String(validating: name, as: UTF8.self) else {
            throw PatchFailure.refused("line \(line) of the patch names a file that is not UTF-8")
        }
        guard !name.contains(0) else {
            throw PatchFailure.refused("line \(line) of the patch names a file with a NUL character")
        }
        guard name.first != UInt8(ascii: "/"), !text.split(separator: "/").contains("..") else {
            throw ToolFailure(
                "path_outside_workspace", "line \(line) of the patch names a file outside its folder",
                remedy: "name files relative to cwd, without '..' and without a leading slash")
        }
        var place = folder
        for component in text.split(separator: "/") where component != "." {
            guard component.utf8.count <= 255 else {
                throw PatchFailure.refused("line \(line) of the patch names a file whose name is too long")
            }
            place = place.appending(component: String(component))
        }
        guard place != folder else { throw PatchFailure.malformed("it names no file", line: line) }
        guard !ControlFiles.isProtected(place) else { throw FileFailure.protected(place) }
        return place
    }

    /// The prefixes that git puts before the old and the new name, either way round.
    static func stripped(_ old: [UInt8], _ new: [UInt8]) -> (old: [UInt8], new: [UInt8]) {
        for (left, right) in prefixes where old.starts(with: left.utf8) && new.starts(with: right.utf8) {
            return (Array(old.dropFirst(2)), Array(new.dropFirst(2)))
        }
        return (old, new)
    }

    /// The same where only one side has a name, because the other is `/dev/null`.
    static func stripped(alone name: [UInt8], isOld: Bool) -> [UInt8] {
        prefixes.contains { name.starts(with: (isOld ? $0.0 : $0.1).utf8) } ? Array(name.dropFirst(2)) : name
    }

    private static let prefixes = [
        ("a/", "b/"), ("b/", "a/"), ("i/", "w/"), ("w/", "i/"), ("c/", "i/"), ("i/", "c/"), ("c/", "w/"), ("w/", "c/"),
        ("o/", "w/"), ("w/", "o/"), ("1/", "2/"), ("2/", "1/"),
    ]

    static let nothing = Array("/dev/null".utf8)
}
