#if os(Linux)
    internal import CPlatform
    internal import Synchronization
    package import ToolKit

    /// What all calls share that write to layers instead of the workspace.
    package final class LayerGround: Sendable {
        /// Where layers lie: absolute, existing, the daemon's own.
        let folder: String
        let contents: any EffectContents
        let applying: any EffectApplying
        let limits: LayerLimits
        private let copies: Mutex<Bool>

        /// Removes what is in the folder, however it was left. Blocks.
        ///
        /// - Parameters:
        ///   - folder: Absolute, existing, free of links, mode 0700, on the disk of the daemon's home; nobody else's.
        ///   - contents: Where the contents of an effect are kept.
        ///   - applying: Puts what a command wrote into the workspace, at its end.
        ///   - copies: Whether to copy folders even where layers can be made; for tests.
        package init(
            folder: String, contents: any EffectContents, applying: any EffectApplying,
            limits: LayerLimits = LayerLimits(), copies: Bool = false
        ) {
            self.folder = folder
            self.contents = contents
            self.applying = applying
            self.limits = limits
            let opened = cp_open_root(folder)
            // What calls of a daemon that was killed have left. What resists takes room and nothing else.
            if opened >= 0 { _ = cp_layer_empty_folder(opened) }
            let keepsMarks = opened >= 0 && cp_layer_keeps_marks(opened) == 1
            if opened >= 0 { _ = cp_close(opened) }
            self.copies = Mutex(copies || !keepsMarks)
        }

        /// How this machine makes layers, as far as it is known.
        var method: CallEffects.Method { copies.withLock { $0 } ? .copy : .overlay }

        /// The kernel or a file system has refused a layer; it will do so again.
        func forbidOverlays() { copies.withLock { $0 = true } }
    }
#endif
