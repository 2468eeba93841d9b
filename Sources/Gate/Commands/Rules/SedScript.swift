/// Why a sed script is not let through: a clause that follows "it".
struct SedScriptError: Error, Sendable, Hashable {
    let reason: String
}

/// Reads a script for GNU sed and lets only those through that print and change text in passing: no `w`, `W`, `r`, `R`,
/// `e`, no `s///e`, no `s///w`, no labels, no `F`. What two seds could read differently is refused.
struct SedScript {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var depth = 0

    static func check(_ text: String) throws(SedScriptError) {
        var script = SedScript(scalars: Array(text.unicodeScalars))
        try script.read()
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    private mutating func skip(_ set: String) {
        while let scalar = next, set.unicodeScalars.contains(scalar) { place += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        place += 1
        return true
    }

    private mutating func read() throws(SedScriptError) {
        while true {
            skip(" \t\n;")
            guard next != nil else { break }
            if take("}") {
                depth -= 1
                guard depth >= 0 else { throw .init(reason: "closes a brace that is not open") }
                try endCommand()
                continue
            }
            try addresses()
            try command()
        }
        guard depth == 0 else { throw .init(reason: "leaves a brace open") }
    }

    private mutating func addresses() throws(SedScriptError) {
        guard try address() else { return skip(" \t!") }
        skip(" \t")
        if take(",") {
            skip(" \t")
            if !take("+") { _ = take("~") }
            guard try address() else { throw .init(reason: "has a range without its end") }
        }
        skip(" \t!")
    }

    private mutating func address() throws(SedScriptError) -> Bool {
        if take("$") { return true }
        if take("/") {
            try delimited("/", isPattern: true)
            while take("I") || take("M") {}
            return true
        }
        guard number() else { return false }
        if take("~"), !number() { throw .init(reason: "has a step without a number") }
        return true
    }

    private mutating func number() -> Bool {
        let start = place
        while let scalar = next, "0"..."9" ~= scalar { place += 1 }
        return place > start
    }

    private mutating func command() throws(SedScriptError) {
        guard let scalar = next else { throw .init(reason: "has an address without a command") }
        place += 1
        switch scalar {
        case "{":
            depth += 1
            guard depth <= 16 else { throw .init(reason: "nests too deeply") }
        case "p", "P", "d", "D", "=", "n", "N", "h", "H", "g", "G", "x", "z": try endCommand()
        case "q", "Q", "l":
            skip(" \t")
            _ = number()
            try endCommand()
        case "s": try substitution()
        case "y":
            let delimiter = try self.delimiter()
            try delimited(delimiter, isPattern: false)
            try delimited(delimiter, isPattern: false)
            try endCommand()
        case "w", "W", "r", "R", "e":
            throw .init(reason: "uses the command '\(scalar)', which reaches beyond its input")
        default: throw .init(reason: "uses a command that is not understood here")
        }
    }

    private mutating func substitution() throws(SedScriptError) {
        let delimiter = try self.delimiter()
        try delimited(delimiter, isPattern: true)
        try delimited(delimiter, isPattern: false)
        while let scalar = next, "gpiIM0123456789".unicodeScalars.contains(scalar) { place += 1 }
        if next == "e" || next == "w" { throw .init(reason: "uses a flag of 's' that executes or writes") }
        try endCommand()
    }

    private mutating func delimiter() throws(SedScriptError) -> Unicode.Scalar {
        guard let scalar = next, "/|,:#@!%_+".unicodeScalars.contains(scalar) else {
            throw .init(reason: "uses a delimiter other than / | , : # @ ! % _ +")
        }
        place += 1
        return scalar
    }

    /// Goes behind the delimiter that ends this part.
    private mutating func delimited(_ delimiter: Unicode.Scalar, isPattern: Bool) throws(SedScriptError) {
        while let scalar = next {
            place += 1
            switch scalar {
            case delimiter: return
            case "\n": throw .init(reason: "has a line break inside a pattern or its replacement")
            case "\\":
                guard let escaped = next, escaped != "\n" else {
                    throw .init(reason: "has a backslash at a line's end")
                }
                place += 1
            case "[" where isPattern: try bracket(delimiter)
            default: break
            }
        }
        throw .init(reason: "has a pattern or replacement that is not closed")
    }

    /// Seds differ in whether a delimiter inside brackets ends the pattern; there may be none, and no `]` that could be
    /// read as the bracket's end or as its member.
    private mutating func bracket(_ delimiter: Unicode.Scalar) throws(SedScriptError) {
        _ = take("^")
        var isFirst = true
        while let scalar = next {
            place += 1
            switch scalar {
            case "]" where !isFirst: return
            case "]", delimiter, "\n": throw .init(reason: "has a bracket that two seds read differently")
            case "[":
                guard take(":") else { throw .init(reason: "has a '[' inside a bracket") }
                while let letter = next, "a"..."z" ~= letter { place += 1 }
                guard take(":"), take("]") else { throw .init(reason: "has a character class that is not closed") }
            case "\\":
                guard let escaped = next, escaped != "]", escaped != delimiter, escaped != "\n" else {
                    throw .init(reason: "has a bracket that two seds read differently")
                }
                place += 1
            default: break
            }
            isFirst = false
        }
        throw .init(reason: "has a bracket that is not closed")
    }

    private mutating func endCommand() throws(SedScriptError) {
        skip(" \t")
        guard let scalar = next else { return }
        guard scalar == ";" || scalar == "\n" || scalar == "}" else {
            throw .init(reason: "has something behind a command that is not understood here")
        }
    }
}
