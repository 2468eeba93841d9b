#if os(Linux)
    internal import ToolKit

    extension X11Desktop {
        /// Characters that are typed at once.
        private static let batch = 100
        /// Milliseconds between two keys.
        private static let pace = 4
        /// How long programs have to look up what a key meant, before it means something else.
        private static let grace = Duration.milliseconds(700)

        func typed(_ text: String) async throws -> DesktopResult {
            let scalars = Array(text.replacing("\r\n", with: "\n").unicodeScalars)
            for scalar in scalars where KeyNames.name(of: scalar) == nil && Self.isControl(scalar) {
                throw ToolFailure(
                    "invalid_arguments", "text holds control characters", remedy: "send them as keys")
            }
            // Also tells whether there is a display before anything is typed.
            let listing = try await run([programs.keyboard, "-pke"]).text
            var keys = keyboard.keys ?? SpareKeys(listing: listing)
            // A new X server, or a new layout: nothing of ours is there.
            if !Self.holds(listing, keys) { keys = SpareKeys(listing: listing) }
            var rest = scalars[...]
            while !rest.isEmpty {
                try Task.checkCancellation()
                let (part, strange) = Self.part(of: rest, room: keys.count)
                guard !part.isEmpty else {
                    throw ToolFailure(
                        "keyboard_full", "the keyboard has no spare key to put other characters on",
                        remedy: "type what the keyboard's layout has, or use another layout")
                }
                let (changes, takesOver) = keys.place(strange)
                if takesOver { try await Task.sleep(for: Self.grace) }
                if !changes.isEmpty {
                    let script = changes.map { "keycode \($0.code) = \(KeyNames.number(of: $0.scalar))\n" }.joined()
                    _ = try await run([programs.keyboard, "-"], input: script)
                }
                keyboard.keys = keys
                let words = part.compactMap { scalar in
                    KeyNames.name(of: scalar) ?? keys.code(of: scalar).map(String.init)
                }
                _ = try await run(
                    [programs.hands, "-"],
                    input: "key --clearmodifiers --delay \(Self.pace) \(words.joined(separator: " "))\n")
                rest = rest.dropFirst(part.count)
            }
            return DesktopResult(["characters": .integer(scalars.count)])
        }

        private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.properties.generalCategory {
            case .control, .surrogate, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }

        /// As much from the beginning as can be typed with so many spare keys.
        static func part(
            of scalars: ArraySlice<Unicode.Scalar>, room: Int
        ) -> (part: ArraySlice<Unicode.Scalar>, strange: [Unicode.Scalar]) {
            var strange: [Unicode.Scalar] = []
            var count = 0
            for scalar in scalars.prefix(batch) {
                if KeyNames.name(of: scalar) == nil, !strange.contains(scalar) {
                    guard strange.count < room else { break }
                    strange.append(scalar)
                }
                count += 1
            }
            return (scalars.prefix(count), strange)
        }

        /// Whether all that was put on keys is still on them.
        private static func holds(_ listing: String, _ keys: SpareKeys) -> Bool {
            let free = Set(SpareKeys(listing: listing).free)
            return keys.used.allSatisfy { !free.contains($0) }
        }
    }
#endif
