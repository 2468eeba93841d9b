internal import ToolKit

/// Goes through the words behind a rule's subcommand once, from left to right, as the program does. Whatever it cannot
/// place is an objection.
struct ArgumentReader {
    private let rule: CommandRule
    private let place: CommandPlace
    private var isBehindDashes = false
    /// Operands wait until all flags are known, because a flag can stand in for the first.
    private var operands: [String] = []
    private var operandsBehindDashes: [String] = []
    private var standsIn = false
    private(set) var paths: [WorkspacePath] = []

    init(rule: CommandRule, place: CommandPlace) {
        self.rule = rule
        self.place = place
    }

    /// - Returns: The first objection, a clause; `nil` when all words pass.
    mutating func read(_ words: ArraySlice<String>) -> String? {
        guard !(rule.flags.isOpen && rule.operands.isOpen) else { return nil }
        var words = words
        while let word = words.popFirst() {
            if isBehindDashes {
                operandsBehindDashes.append(word)
            } else if ShellSafe.same(word, "--") {
                guard rule.operands.slotsBehindDashes != nil else { return "holds --, which the rule does not list" }
                isBehindDashes = true
            } else if isFlag(word) {
                if let objection = flag(word, &words) { return objection }
            } else {
                operands.append(word)
            }
        }
        let slots = skippingFirst(rule.operands.slots)
        return check(operands, slots: slots, mayDash: false)
            ?? checkLate(slots.dropFirst(operands.count).prefix { !$0.repeats })
            ?? check(operandsBehindDashes, slots: (rule.operands.slotsBehindDashes ?? [])[...], mayDash: true)
    }

    /// To most programs `--` only ends the flags: the first operand is the first wherever it stands, and `sed -- SCRIPT`
    /// runs its script. So what stands behind it has to fit the places in front that nothing has filled, too.
    private func checkLate(_ unfilled: ArraySlice<OperandShapes.Slot>) -> String? {
        for (number, (word, slot)) in zip(operandsBehindDashes, unfilled).enumerated() {
            if case .differs(let reason) = slot.shape.fit(word, from: place, mayDash: true) {
                return "has an operand behind --, number \(number + 1), that \(reason)"
            }
        }
        return nil
    }

    private func isFlag(_ word: String) -> Bool {
        if rule.flags.isOpen { return ShellSafe.startsWithDash(word) }
        if ShellSafe.isASCII(word), rule.flags.plain.contains(word) { return true }
        return ShellSafe.startsWithDash(word) && word.utf8.count > 1
    }

    private mutating func flag(_ word: String, _ rest: inout ArraySlice<String>) -> String? {
        guard !rule.flags.isOpen else { return nil }
        switch rule.flags.read(word) {
        case .flag(let name):
            note(name)
            return nil
        case .value(let name, let shape, let value):
            note(name)
            return check(value, shape, of: name, mayDash: true)
        case .takesNext(let name, let shape):
            note(name)
            guard let value = rest.popFirst() else { return "ends with \(name), which needs a value" }
            return check(value, shape, of: name, mayDash: false)
        case .refused(let name, let reason):
            return "holds the option \(name), which \(reason)"
        }
    }

    private mutating func note(_ name: String) {
        if rule.firstUnless.contains(name) { standsIn = true }
    }

    private mutating func check(_ value: String, _ shape: ValueShape, of name: String, mayDash: Bool) -> String? {
        switch shape.fit(value, from: place, mayDash: mayDash) {
        case .fits(let path):
            if let path { paths.append(path) }
            return nil
        case .differs(let reason): return "gives \(name) a value that \(reason)"
        }
    }

    private func skippingFirst(_ slots: [OperandShapes.Slot]) -> ArraySlice<OperandShapes.Slot> {
        standsIn ? slots.dropFirst() : slots[...]
    }

    private mutating func check(
        _ operands: [String], slots: ArraySlice<OperandShapes.Slot>, mayDash: Bool
    ) -> String? {
        guard !rule.operands.isOpen else { return nil }
        var slots = slots
        for (number, word) in operands.enumerated() {
            guard let slot = slots.first else {
                return number == 0 ? "takes no operand here" : "has more operands than the rule lists"
            }
            if !slot.repeats { slots.removeFirst() }
            switch slot.shape.fit(word, from: place, mayDash: mayDash) {
            case .fits(let path): if let path { paths.append(path) }
            case .differs(let reason): return "has an operand, number \(number + 1), that \(reason)"
            }
        }
        return nil
    }
}
