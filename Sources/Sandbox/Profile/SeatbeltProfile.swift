#if os(macOS)
    /// The same profile as text for `sandbox-exec -p`. Untested: written after Apple's published profiles, never run by us.
    /// Seatbelt has one wall, the daemon's own user and no private `/tmp`; what a profile masks is refused instead of hidden.
    package enum SeatbeltProfile {
        /// Later rules win, so the order is that of ``BubblewrapFlags``.
        package static func text(for profile: Profile, scratch: String) -> String {
            var rules = [
                "(version 1)", "(deny default)", "(allow process-fork process-exec)",
                "(allow signal (target same-sandbox))",
                "(allow sysctl-read)", "(allow file-read-metadata)",
                "(allow file-read* (subpath \"/usr\") (subpath \"/bin\") (subpath \"/sbin\") (subpath \"/System\") "
                    + "(subpath \"/Library/Developer\") (literal \"/\") (literal \"/dev/null\") (literal \"/dev/urandom\"))",
                "(allow file-write-data (literal \"/dev/null\"))",
                "(allow file-read* file-write* (subpath \(quoted(scratch))))",
            ]
            let readable =
                profile.toolchains + profile.binds.map(\.source) + [profile.workspace.path].compactMap(\.self)
            rules += readable.map { "(allow file-read* (subpath \(quoted($0))))" }
            if profile.workspace.isWritable, let path = profile.workspace.path {
                rules.append("(allow file-write* (subpath \(quoted(path))))")
            }
            rules += profile.binds.filter(\.isWritable).map { "(allow file-write* (subpath \(quoted($0.source))))" }
            rules += profile.toolchains.map { "(deny file-write* (subpath \(quoted($0))))" }
            rules += profile.writableFolders.map { "(allow file-write* (subpath \(quoted($0))))" }
            rules += profile.protectedPaths.map { "(deny file-write* (subpath \(quoted($0))))" }
            rules += profile.masks.map { "(deny file-read* file-write* (subpath \(quoted($0.path))))" }
            rules += profile.replacements.map { "(deny file-read* file-write* (subpath \(quoted($0.target))))" }
            rules.append("(deny network*)")
            if profile.internetSockets {
                rules.append("(allow network* (local ip \"localhost:*\") (remote ip \"localhost:*\"))")
            }
            return rules.joined(separator: "\n") + "\n"
        }

        private static func quoted(_ path: String) -> String {
            "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
    }
#endif
