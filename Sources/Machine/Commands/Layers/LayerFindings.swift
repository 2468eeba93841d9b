#if os(Linux)
    internal import ToolKit

    /// What reading a layer has found.
    struct LayerFindings {
        private static let limit = 100

        var files: [FileEffect] = []
        var folders: [FolderEffect] = []
        /// Bytes of files in it.
        var bytes = 0
        /// Names that were looked at.
        var entries = 0
        /// What was changed by somebody else while the program ran.
        var conflicts: [EffectPath] = []
        /// What must not be there and is no part of the effect.
        var intrusions = CommandResult.Intrusions()
        /// Each a sentence without a full stop.
        var omissions: [String] = []
        /// Whether a file was written up to the limit.
        var hasFullFile = false

        var effect: Effect { Effect(files: files, folders: folders) }

        mutating func omit(_ path: EffectPath, _ reason: String) {
            if omissions.count < Self.limit { omissions.append("\(path.shown) is left out: \(reason)") }
        }

        mutating func note(repository path: EffectPath) {
            omit(path, "a repository is no part of an effect")
            if intrusions.removed.count < Self.limit { intrusions.removed.append(path.shown) }
        }

        mutating func note(special path: EffectPath, isSocket: Bool) {
            omit(path, "it is a FIFO, socket or device")
            if !isSocket, intrusions.specials.count < Self.limit { intrusions.specials.append(path.shown) }
        }

        mutating func note(denied path: EffectPath) {
            omit(path, "a rule keeps it from being written")
            if intrusions.denied.count < Self.limit { intrusions.denied.append(path.shown) }
        }

        mutating func note(unseen path: EffectPath, _ reason: String) {
            omit(path, reason)
            intrusions.unseen += 1
        }
    }
#endif
