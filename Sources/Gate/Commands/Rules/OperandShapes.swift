internal import ToolKit

/// The words of a rule's commands that are not flags, in order.
struct OperandShapes: Sendable, Hashable {
    struct Slot: Sendable, Hashable {
        let shape: ValueShape
        /// Any number of them, none included; only the last slot.
        let repeats: Bool
    }

    /// Whatever is given.
    var isOpen = false
    private(set) var slots: [Slot] = []
    /// Those behind `--`; without any `--` is refused.
    private(set) var slotsBehindDashes: [Slot]?

    static let open = OperandShapes(isOpen: true)

    /// - Parameter text: `<path>`, `<path>...` or `--`.
    /// - Returns: Why it cannot be used, a clause; `nil` when it was added.
    mutating func add(_ text: String) -> String? {
        if text == "--" {
            guard slotsBehindDashes == nil else { return "is listed twice" }
            slotsBehindDashes = []
            return nil
        }
        let repeats = text.hasSuffix("...")
        guard let shape = ValueShape(repeats ? String(text.dropLast(3)) : text) else {
            return "is no operand; write for example <path>, <path>... or --"
        }
        guard (slotsBehindDashes ?? slots).last?.repeats != true else { return "stands behind one that repeats" }
        let slot = Slot(shape: shape, repeats: repeats)
        if slotsBehindDashes == nil { slots.append(slot) } else { slotsBehindDashes?.append(slot) }
        return nil
    }
}
