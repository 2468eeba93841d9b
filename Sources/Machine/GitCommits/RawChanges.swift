#if os(Linux)
    internal import ToolKit

    /// What `git diff-tree --raw -z` tells of one file.
    struct RawChange: Sendable, Hashable {
        /// Bytes, relative to the repository.
        let name: [UInt8]
        let change: GitCommitResult.File.Change
        /// Whether it is, or was, the commit of another repository.
        let isSubmodule: Bool

        /// - Returns: `nil` when it is not what git writes.
        static func list(_ output: [UInt8]) -> [RawChange]? {
            let parts = output.split(separator: 0, omittingEmptySubsequences: false)
            guard parts.last?.isEmpty == true, parts.count % 2 == 1 else { return nil }
            var changes: [RawChange] = []
            for place in stride(from: 0, to: parts.count - 1, by: 2) {
                // `:100644 100644 1a2b… 3c4d… M`
                let facts = parts[place].split(separator: 0x20)
                guard facts.count == 5, facts[0].first == UInt8(ascii: ":"), let letter = facts[4].first,
                    let change = kinds[letter], !parts[place + 1].isEmpty
                else { return nil }
                let isSubmodule = [facts[0].dropFirst(), facts[1]].contains { $0.elementsEqual("160000".utf8) }
                changes.append(RawChange(name: Array(parts[place + 1]), change: change, isSubmodule: isSubmodule))
            }
            return changes
        }

        private static let kinds: [UInt8: GitCommitResult.File.Change] = [
            UInt8(ascii: "A"): .added, UInt8(ascii: "M"): .modified, UInt8(ascii: "D"): .deleted,
            UInt8(ascii: "T"): .retyped,
        ]

        var text: String { String(decoding: name, as: UTF8.self) }
    }
#endif
