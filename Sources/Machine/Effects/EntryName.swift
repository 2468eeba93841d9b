internal import CPlatform
internal import ToolKit

/// One name in a folder as the file system spells it: any bytes but NUL and `/`.
struct EntryName: Hashable {
    /// With the NUL at its end, as system calls want it.
    let chars: [CChar]

    init(_ bytes: [UInt8]) { chars = bytes.map { CChar(truncatingIfNeeded: $0) } + [0] }

    init(_ text: String) { self.init(Array(text.utf8)) }

    var bytes: [UInt8] { chars.dropLast().map { UInt8(truncatingIfNeeded: $0) } }

    /// `nil` when it is not UTF-8.
    var text: String? { chars.withUnsafeBufferPointer { $0.baseAddress.flatMap { String(validatingCString: $0) } } }
}

extension EffectPath {
    var entryName: EntryName { EntryName(name) }

    /// For failures: the path that callers may name, or one that shows it as well as it can be shown.
    var named: WorkspacePath {
        if let path = workspacePath { return path }
        let plain = shown.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : Character($0) }
        return (try? WorkspacePath(String(plain))) ?? .root
    }
}

extension Descriptor {
    func facts(of name: EntryName) -> cp_facts? {
        var facts = cp_facts()
        return cp_facts_in(number, name.chars, &facts) >= 0 ? facts : nil
    }

    /// `nil` when nothing is there; anything else that keeps it from being seen is thrown.
    func requiredFacts(of name: EntryName) throws(SystemError) -> cp_facts? {
        var facts = cp_facts()
        let result = cp_facts_in(number, name.chars, &facts)
        if result == -SystemError.noEntry.number { return nil }
        try SystemError.check(result)
        return facts
    }

    func open(_ name: EntryName, _ purpose: Int32) throws(SystemError) -> Descriptor {
        Descriptor(owning: try SystemError.check(cp_open_in(number, name.chars, purpose)))
    }

    /// Where a link of this folder leads.
    func linkTarget(_ name: EntryName) throws(SystemError) -> [UInt8] {
        var length: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 8_192) { room, initialized in
            room.withMemoryRebound(to: CChar.self) { chars in
                if let start = chars.baseAddress { length = cp_read_link_in(number, name.chars, start, chars.count) }
            }
            initialized = max(0, Int(length))
        }
        try SystemError.check(length)
        return bytes
    }

    /// The names in this folder, sorted by their bytes.
    ///
    /// - Parameter limit: More are not read.
    func entries(limit: Int) throws(SystemError) -> (names: [EntryName], isTruncated: Bool) {
        var listing = cp_listing()
        let result = cp_list_folder(number, limit, &listing)
        defer { cp_listing_free(&listing) }
        try SystemError.check(result)
        guard let offsets = listing.offsets, let names = listing.names else { return ([], false) }
        let found = (0..<listing.count).map { index in
            var bytes: [UInt8] = []
            var next = names + Int(offsets[index])
            while next.pointee != 0 {
                bytes.append(UInt8(truncatingIfNeeded: next.pointee))
                next += 1
            }
            return EntryName(bytes)
        }
        return (found, listing.truncated != 0)
    }
}

extension Array<UInt8> {
    /// As `withUnsafeBytes`, which cannot say what it throws.
    func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws(SystemError) -> T) throws(SystemError) -> T {
        let result: Result<T, SystemError> = withUnsafeBytes { bytes in
            do throws(SystemError) {
                return .success(try body(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
