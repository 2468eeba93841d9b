#if os(Linux)
    /// What an index stages, without what git only remembers in it to be quick: `git status` of a person rewrites that, and
    /// nothing was staged by it.
    struct GitIndex: Hashable {
        struct Entry: Hashable {
            let name: [UInt8]
            let mode: UInt32
            let object: [UInt8]
            /// The stage of a merge, and whether the file is only announced.
            let flags: UInt32
        }

        let entries: [Entry]

        /// - Parameter hashLength: 20 or 32 bytes.
        /// - Returns: `nil` for what is not understood whole: another version, an index in several files.
        init?(_ bytes: [UInt8], hashLength: Int) {
            var reader = Reader(bytes: bytes)
            guard reader.take(4).map({ $0.elementsEqual("DIRC".utf8) }) == true, let version = reader.number(),
                (2...4).contains(version), let count = reader.number(), count <= bytes.count / 40
            else { return nil }
            var entries: [Entry] = []
            entries.reserveCapacity(Int(count))
            for _ in 0..<count {
                let start = reader.offset
                guard reader.skip(24), let mode = reader.number(), reader.skip(12),
                    let object = reader.take(hashLength),
                    let flags = reader.short(), let more = flags & 0x4000 == 0 ? 0 : reader.short(),
                    let name = version == 4 ? reader.name(after: entries.last?.name ?? []) : reader.name(since: start)
                else { return nil }
                // The stage, `skip-worktree` and `intent-to-add`.
                entries.append(
                    Entry(name: name, mode: mode, object: Array(object), flags: flags & 0x3000 | (more & 0x6000) << 16))
            }
            // Of several files, this one holds only the changes.
            guard !reader.hasExtension("link", before: bytes.count - hashLength) else { return nil }
            self.entries = entries
        }

        private struct Reader {
            let bytes: [UInt8]
            var offset = 0

            mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
                guard count <= bytes.count - offset else { return nil }
                defer { offset += count }
                return bytes[offset..<offset + count]
            }

            mutating func skip(_ count: Int) -> Bool { take(count) != nil }

            mutating func number() -> UInt32? { take(4)?.reduce(0) { $0 << 8 | UInt32($1) } }

            mutating func short() -> UInt32? { take(2)?.reduce(0) { $0 << 8 | UInt32($1) } }

            /// Ended by one to eight NULs, so that the entry's length is a multiple of eight.
            mutating func name(since start: Int) -> [UInt8]? {
                guard let end = bytes[offset...].firstIndex(of: 0) else { return nil }
                let name = Array(bytes[offset..<end])
                offset = start + (end - start + 8) / 8 * 8
                return offset <= bytes.count ? name : nil
            }

            /// What it has in common with the name before is left out.
            mutating func name(after last: [UInt8]) -> [UInt8]? {
                guard var byte = take(1)?.first else { return nil }
                var strip = Int(byte & 0x7F)
                while byte & 0x80 != 0 {
                    guard strip < 1 << 24, let next = take(1)?.first else { return nil }
                    byte = next
                    strip = (strip + 1) << 7 | Int(byte & 0x7F)
                }
                guard strip <= last.count, let end = bytes[offset...].firstIndex(of: 0) else { return nil }
                defer { offset = end + 1 }
                return last.dropLast(strip) + bytes[offset..<end]
            }

            mutating func hasExtension(_ name: String, before end: Int) -> Bool {
                while offset + 8 <= end, let sign = take(4), let length = number() {
                    if sign.elementsEqual(name.utf8) { return true }
                    guard skip(Int(length)) else { return false }
                }
                return false
            }
        }
    }
#endif
