#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// An open folder whose names are taken as bytes, because a program chose them.
    struct RawFolder: Sendable {
        struct Entry {
            let name: [UInt8]
            let kind: FileFacts.Kind
        }

        /// Names of one folder that are held in memory at once.
        private static let nameLimit = 2_000_000
        private static let linkLimit: Int64 = 8_192

        let descriptor: Descriptor

        var number: Int32 { descriptor.number }

        init(_ descriptor: Descriptor) { self.descriptor = descriptor }

        /// - Returns: `nil` when there is no such folder, or nobody may enter it.
        init?(_ name: [UInt8], in parent: RawFolder) {
            let opened = Self.with(name) { cp_open_in(parent.number, $0, CP_OPEN_FOLDER) }
            guard opened >= 0 else { return nil }
            descriptor = Descriptor(owning: opened)
        }

        /// Sorted by their bytes.
        ///
        /// - Returns: `nil` when it cannot be read, or not to its end.
        func entries() -> [Entry]? {
            var listing = cp_listing()
            let result = cp_list_folder(number, Self.nameLimit, &listing)
            defer { cp_listing_free(&listing) }
            guard result >= 0, listing.truncated == 0 else { return nil }
            guard let names = listing.names, let offsets = listing.offsets, let kinds = listing.kinds else { return [] }
            var entries: [Entry] = []
            entries.reserveCapacity(listing.count)
            for index in 0..<listing.count {
                let start = names + Int(offsets[index])
                var length = 0
                while start[length] != 0 { length += 1 }
                let name = [UInt8](UnsafeRawBufferPointer(start: start, count: length))
                if Int32(kinds[index]) != CP_KIND_UNKNOWN {
                    entries.append(Entry(name: name, kind: FileFacts.Kind(UInt32(kinds[index]))))
                } else if let facts = facts(of: name) {
                    entries.append(Entry(name: name, kind: FileFacts.Kind(facts.kind)))
                }
            }
            return entries
        }

        /// - Returns: `nil` when there is nothing of that name.
        func facts(of name: [UInt8]) -> cp_facts? {
            var facts = cp_facts()
            return Self.with(name) { cp_facts_in(number, $0, &facts) } >= 0 ? facts : nil
        }

        /// - Returns: `nil` for what is no file or cannot be read.
        func file(_ name: [UInt8]) -> (descriptor: Descriptor, facts: cp_facts)? {
            let opened = Self.with(name) { cp_open_in(number, $0, CP_OPEN_READ) }
            guard opened >= 0 else { return nil }
            let descriptor = Descriptor(owning: opened)
            guard let facts = try? descriptor.facts(), FileFacts.Kind(facts.kind) == .file else { return nil }
            return (descriptor, facts)
        }

        /// Where a link leads; `nil` when it is none any more.
        func link(_ name: [UInt8]) -> [UInt8]? {
            var length: Int64 = 0
            let bytes = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(Self.linkLimit)) { buffer in
                length = Self.with(name) { name in
                    Int64(buffer.baseAddress.map { cp_layer_read_link_in(number, name, $0, Self.linkLimit) } ?? -1)
                }
                return buffer.prefix(max(0, Int(length))).map(UInt8.init(bitPattern:))
            }
            return length >= 0 ? bytes : nil
        }

        /// Calls the body with the name as the system takes it.
        static func with<Number: SignedInteger>(
            _ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Number
        ) -> Number {
            (name + [0]).withUnsafeBufferPointer { bytes in
                bytes.withMemoryRebound(to: CChar.self) { $0.baseAddress.map(body) ?? -1 }
            }
        }
    }
#endif
