/// Reads the few wrappers whose arguments are simple. Each reads exactly its documented form; anything else refuses.
enum Wrapper {
    /// - Parameter words: The wrapper's name, then its arguments; indices are those of the whole command.
    static func read(_ name: String, _ words: ArraySlice<String>) -> Launchers.Reading {
        var rest = words.dropFirst()
        let fits =
            switch name {
            case "env": true
            case "nice": options(&rest, ["-n": .signed, "--adjustment": .signed])
            case "stdbuf": options(&rest, ["-i": .buffer, "-o": .buffer, "-e": .buffer], atLeastOne: true)
            case "time": flags(&rest, ["-p"])
            case "timeout": timeout(&rest)
            default: false
            }
        guard fits, let program = rest.first, !ShellSafe.startsWithDash(program), !program.isEmpty else {
            return refused(name)
        }
        // `env A=b` puts it into the environment, however the name is spelled.
        guard !program.utf8.contains(UInt8(ascii: "=")) else {
            return .refused(
                reason: "sets an environment variable, and a caller's environment is never passed on",
                remedy: "leave the variable out")
        }
        return .wraps(from: rest.startIndex)
    }

    private static func refused(_ name: String) -> Launchers.Reading {
        let form =
            switch name {
            case "env": "env PROGRAM"
            case "nice": "nice -n 5 PROGRAM"
            case "stdbuf": "stdbuf -oL PROGRAM"
            case "time": "time -p PROGRAM"
            default: "timeout 10s PROGRAM"
            }
        return .refused(
            reason: "gives \(name) arguments whose meaning is not decided here",
            remedy: "write \(form), or send the program itself")
    }

    private enum Value { case signed, buffer, duration, signal }

    private static func fits(_ text: Substring, _ value: Value) -> Bool {
        let bytes = text.utf8
        switch value {
        case .signed:
            let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
            return ValueShape.isNumber(digits) && digits.count <= 2
        case .buffer: return bytes.elementsEqual("L".utf8) || bytes.elementsEqual("0".utf8)
        case .duration:
            let digits = bytes.prefix { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") }
            let unit = bytes.dropFirst(digits.count)
            return !digits.isEmpty && digits.count <= 12 && unit.count <= 1 && unit.allSatisfy("smhd".utf8.contains)
        case .signal:
            return (1...12).contains(bytes.count)
                && bytes.allSatisfy { 0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 || $0 == UInt8(ascii: "+") }
        }
    }

    /// `-n 5`, `-n5`, `--name=5` and `--name 5`.
    private static func options(
        _ rest: inout ArraySlice<String>, _ known: [String: Value], atLeastOne: Bool = false
    ) -> Bool {
        var isFirst = true
        while let word = rest.first, ShellSafe.startsWithDash(word) {
            rest.removeFirst()
            guard ShellSafe.isASCII(word) else { return false }
            if let value = known[word] {
                guard let text = rest.popFirst(), fits(text[...], value) else { return false }
            } else {
                let isLong = word.hasPrefix("--")
                guard
                    let end = isLong
                        ? word.firstIndex(of: "=") : word.index(word.startIndex, offsetBy: min(2, word.count))
                else { return false }
                guard let value = known[String(word[..<end])] else { return false }
                let text = isLong ? word[word.index(after: end)...] : word[end...]
                guard fits(text, value) else { return false }
            }
            isFirst = false
        }
        return !(atLeastOne && isFirst)
    }

    private static func flags(_ rest: inout ArraySlice<String>, _ known: Set<String>) -> Bool {
        while let word = rest.first, ShellSafe.startsWithDash(word) {
            guard ShellSafe.isASCII(word), known.contains(word) else { return false }
            rest.removeFirst()
        }
        return true
    }

    private static func timeout(_ rest: inout ArraySlice<String>) -> Bool {
        if let word = rest.first, ShellSafe.same(word, "--preserve-status") { rest.removeFirst() }
        let known: [String: Value] = [
            "-k": .duration, "--kill-after": .duration, "-s": .signal, "--signal": .signal,
        ]
        guard options(&rest, known), let duration = rest.popFirst() else { return false }
        return fits(duration[...], .duration)
    }
}
