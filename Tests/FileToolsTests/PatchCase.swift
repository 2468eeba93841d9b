/// Files before and after a change, and the files as somebody left them meanwhile.
struct PatchCase {
    struct File: Hashable {
        var bytes: [UInt8]
        var isExecutable = false
    }

    /// Where all of its files lie.
    let folder: String
    private(set) var before: [String: File] = [:]
    /// A state on the way, so that the change is two diffs behind one another.
    private(set) var between: [String: File]?
    private(set) var after: [String: File] = [:]
    /// What the patch is applied to.
    private(set) var met: [String: File] = [:]
    /// Whether a name stands for something else afterwards.
    private(set) var tradesNames = false

    init(_ folder: String, _ dice: inout Dice) {
        self.folder = folder
        let name = folder + "/" + (Self.names.randomElement(using: &dice) ?? "f.txt")
        let shape = Int.random(in: 0..<28, using: &dice)
        tradesNames = 5...11 ~= shape
        // Where lines repeat, git and patch may choose different places; that is seen with one file at a time.
        let varieties = tradesNames ? [10_000] : [4, 30, 10_000, 10_000]
        let one = Material(folder, varieties, &dice)
        before = [name: one.old]
        after = [name: one.new]
        met = [name: one.met]
        switch shape {
        case 0:
            before = [:]
            if dice.chance(80) { met = [:] }
        case 1: after = [:]
        case 2, 3: after = [folder + "/renamed/x.txt": one.new]
        case 4: met = [:]
        case 5...11: trade(name, one, Material(folder, varieties, &dice), &dice)
        default: break
        }
    }

    private static let names = ["f.txt", "my file.txt", "größe.txt", "ta\tb.txt", "q\"uote.txt", "deep/er/f.txt"]

    private mutating func trade(_ name: String, _ one: Material, _ two: Material, _ dice: inout Dice) {
        let other = folder + "/other.txt"
        switch Int.random(in: 0..<6, using: &dice) {
        case 0:
            before[other] = two.old
            met[other] = two.met
            after = [name: two.new, other: one.new]
        case 1:
            before[other] = two.old
            met[other] = two.met
            after = [other: one.new, folder + "/third.txt": two.new]
        case 2: after = [name + "/" + (dice.chance(50) ? "x" : "deep/x"): dice.chance(50) ? one.new : two.new]
        case 3:
            before = [name + "/x": one.old, name + "/deep/y": two.old]
            met = [name + "/x": one.met, name + "/deep/y": two.met]
            if dice.chance(20) { met[name + "/more"] = two.old }
            after = [name: dice.chance(50) ? one.new : two.new]
        case 4:
            between = [:]
            after = [name: two.new]
        default:
            // Over a file that goes, and that may not even be there.
            before[other] = two.old
            between = [name: one.old]
            met[other] = dice.chance(80) ? two.met : nil
            after = [other: one.new]
        }
    }
}

/// One file as a case has it at each moment.
private struct Material {
    let old: PatchCase.File
    let new: PatchCase.File
    let met: PatchCase.File

    /// - Parameter varieties: Of how many different lines the file is made: one of these.
    init(_ folder: String, _ varieties: [Int], _ dice: inout Dice) {
        let variety = varieties.randomElement(using: &dice) ?? 30
        let tag = " " + folder
        let style = LineStyle(&dice)
        let lines = dice.lines(Int.random(in: 0...60, using: &dice), variety: variety, tag: tag)
        old = PatchCase.File(bytes: Array(style.text(lines).utf8), isExecutable: dice.chance(20))
        var newStyle = style
        if dice.chance(10) { newStyle.endsWithNewline.toggle() }
        let edited = newStyle.text(dice.edited(lines, variety: variety, tag: tag))
        let isExecutable = dice.chance(10) ? !old.isExecutable : old.isExecutable
        new = PatchCase.File(bytes: Array(edited.utf8), isExecutable: isExecutable)
        met = PatchCase.File(
            bytes: Self.disturbed(lines, style, tag, &dice), isExecutable: old.isExecutable)
    }

    /// What somebody made of the file between the diff and its application.
    private static func disturbed(_ lines: [String], _ style: LineStyle, _ tag: String, _ dice: inout Dice) -> [UInt8] {
        var lines = lines
        let place = Int.random(in: 0...lines.count, using: &dice)
        switch Int.random(in: 0..<10, using: &dice) {
        case 0...3: break
        case 4, 5:
            lines.insert(
                contentsOf: dice.lines(Int.random(in: 1...9, using: &dice), variety: 99_999, tag: tag), at: place)
        case 6: lines.insert(contentsOf: dice.lines(3, variety: 99_999, tag: tag), at: 0)
        case 7: lines.removeSubrange(place..<min(lines.count, place + 3))
        case 8: lines.insert(contentsOf: lines.prefix(Int.random(in: 0...12, using: &dice)), at: place)
        default: if place < lines.count { lines[place] += "!" }
        }
        return Array(style.text(lines).utf8)
    }
}
