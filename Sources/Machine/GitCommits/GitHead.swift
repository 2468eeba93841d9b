#if os(Linux)
    internal import ToolKit

    /// What is checked out: a branch or a commit, read without git.
    struct GitHead: Sendable, Hashable {
        /// `refs/heads/main`; `nil` when a commit itself is checked out.
        let reference: String?
        /// Lower-case hexadecimal; `nil` when the branch has no commit yet.
        let commit: String?

        /// Without `refs/heads/`.
        var branch: String? { reference.map { String($0.dropFirst(Self.branches.count)) } }

        private static let branches = "refs/heads/"
        private static let packedLimit = 256 << 20

        /// - Throws: ``ToolFailure`` for what is not understood exactly as git understands it.
        init(reading git: GitFolder) throws(ToolFailure) {
            guard let head = Self.line(try git.bytes(of: "HEAD", limit: 8_192)) else { throw Self.odd("HEAD") }
            guard head.hasPrefix("ref:") else {
                guard Self.isCommit(head) else { throw Self.odd("HEAD") }
                (reference, commit) = (nil, head)
                return
            }
            let name = String(head.dropFirst(4).drop { $0 == " " || $0 == "\t" })
            guard Self.isBranch(name) else { throw Self.odd("HEAD") }
            reference = name
            if let loose = try git.bytes(of: name, limit: 8_192) {
                guard let value = Self.line(loose), Self.isCommit(value) else { throw Self.odd(name) }
                commit = value
                return
            }
            commit = try Self.packed(name, in: git)
        }

        private static func packed(_ name: String, in git: GitFolder) throws(ToolFailure) -> String? {
            let lines = try git.bytes(of: "packed-refs", limit: packedLimit) ?? []
            for line in lines.split(separator: 0x0A) {
                guard let space = line.firstIndex(of: 0x20), line.first != UInt8(ascii: "#") else { continue }
                let other = line[(space + 1)...]
                if other.elementsEqual(name.utf8) {
                    guard let value = String(validating: line[..<space], as: UTF8.self), isCommit(value) else {
                        throw odd("packed-refs")
                    }
                    return value
                }
                // Where `a` is a branch, `a/b` cannot be one.
                if other.starts(with: (name + "/").utf8) || name.utf8.starts(with: Array(other) + [0x2F]) {
                    throw ToolFailure(
                        "branch_conflict",
                        "the branch that is checked out cannot be made beside one of the same beginning",
                        remedy: "check out a branch of another name")
                }
            }
            return nil
        }

        private static func line(_ bytes: [UInt8]?) -> String? {
            guard var bytes else { return nil }
            while let last = bytes.last, last == 0x0A || last == 0x0D || last == 0x20 { bytes.removeLast() }
            return String(validating: bytes, as: UTF8.self)
        }

        /// SHA-1 or SHA-256.
        static func isCommit(_ text: String) -> Bool {
            [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
        }

        /// As `git check-ref-format` has it.
        private static func isBranch(_ name: String) -> Bool {
            guard name.hasPrefix(branches), name.utf8.count <= 1_024, !name.contains("@{"), !name.contains("..") else {
                return false
            }
            let isPlain = name.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0.value != 0x7F && !"~^:?*[\\".unicodeScalars.contains($0)
            }
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            return isPlain
                && parts.allSatisfy {
                    !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".") && !$0.hasSuffix(".lock")
                        && $0.utf8.count <= 250
                }
        }

        private static func odd(_ name: String) -> ToolFailure {
            ToolFailure(
                "repository_unsupported", "no commit is made here: .git/\(name) names neither a branch nor a commit",
                remedy: "check out a branch, or look at the repository with git fsck")
        }
    }
#endif
