/// The files that steer git. Whoever writes them decides what git runs later, so no tool may (SECURITY R5).
public enum ControlFiles {
    /// Whether a component of the path is `.git` on any file system that the workspace may be carried to: in any case,
    /// with trailing dots or spaces, with characters that a file system ignores, as a short name (`git~1`), with a
    /// stream suffix (`.git::$INDEX_ALLOCATION`) or behind a backslash.
    public static func isProtected(_ path: WorkspacePath) -> Bool {
        path.components.contains(where: isProtected(component:))
    }

    /// The same of one name in a folder.
    public static func isProtected(component: String) -> Bool {
        // Nearly every name is decided by its bytes: without a 'g' and without anything beyond ASCII it cannot be one.
        guard component.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "g") || $0 >= 0x80 }) else { return false }
        return folded(component).split(separator: UInt8(ascii: "\\")).contains(where: isControlName)
    }

    /// Lower case, without what file systems ignore, full-width forms as their plain ones; what is not ASCII then
    /// stands as one byte that matches nothing.
    private static func folded(_ component: String) -> [UInt8] {
        component.unicodeScalars.compactMap { scalar in
            if scalar.properties.isDefaultIgnorableCodePoint { return nil }
            let plain = 0xFF01...0xFF5E ~= scalar.value ? scalar.value - 0xFEE0 : scalar.value
            guard plain < 0x80 else { return 0xFF }
            return UInt8(0x41...0x5A ~= plain ? plain | 0x20 : plain)
        }
    }

    private static func isControlName(_ name: some Collection<UInt8>) -> Bool {
        var stem = Array(name.prefix { $0 != UInt8(ascii: ":") })
        while let last = stem.last, last == UInt8(ascii: ".") || last == UInt8(ascii: " ") { stem.removeLast() }
        if stem.elementsEqual(".git".utf8) { return true }
        guard stem.starts(with: "git~".utf8) else { return false }
        let number = stem.dropFirst(4)
        return !number.isEmpty && number.allSatisfy { 0x30...0x39 ~= $0 }
    }
}
