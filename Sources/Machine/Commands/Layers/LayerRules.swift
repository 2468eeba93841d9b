#if os(Linux)
    internal import ToolKit

    /// What of a layer may become part of an effect.
    struct LayerRules {
        /// Places that the program did not see as they are, by their bytes: they stay as they are, whatever is found there.
        private let hidden: Set<[UInt8]>
        private let hiddenLengths: Set<Int>
        private let rules: any PathRules
        private let revealed: [WorkspacePath]
        /// Whether what policy keeps from being written is left out here. Otherwise it is judged when it is applied.
        private let judgesWriting: Bool

        /// - Parameters:
        ///   - hidden: Paths relative to the workspace; what lies below them is hidden as well.
        ///   - revealed: Places that a person let the call read.
        init(hidden: [String], rules: any PathRules, revealing revealed: [WorkspacePath], judgesWriting: Bool) {
            self.hidden = Set(hidden.map { Array($0.utf8) })
            hiddenLengths = Set(self.hidden.map(\.count))
            self.rules = rules
            self.revealed = revealed
            self.judgesWriting = judgesWriting
        }

        /// Whether the place itself is hidden; a walk that starts above it never gets deeper.
        func isHidden(_ path: EffectPath) -> Bool {
            hiddenLengths.contains(path.bytes.count) && hidden.contains(path.bytes)
        }

        /// Whether a file that is there may not be read by programs: nobody masked it because it is too new.
        func isSecret(_ path: EffectPath) -> Bool {
            guard let path = path.judgedPlace, rules.verdict(path, .read) != .allow else { return false }
            return !revealed.contains { path.isInside($0) } || rules.verdict(path, .read) == .deny
        }

        func isDenied(_ path: EffectPath) -> Bool {
            judgesWriting && path.judgedPlace.map { rules.verdict($0, .write) != .allow } ?? false
        }

        /// Whether the name means to git that a repository is here, on any file system.
        static func isControlName(_ name: [UInt8]) -> Bool {
            // Most names are decided by their bytes, without making a text of them.
            guard name.contains(where: { $0 | 0x20 == UInt8(ascii: "g") || $0 >= 0x80 }) else { return false }
            return ControlFiles.isProtected(component: String(decoding: name, as: UTF8.self))
        }
    }
#endif
