/// Everything that is wrong with the options of a verb, each a sentence that names flag and variable.
struct OptionProblems: Error, Sendable, Hashable, CustomStringConvertible {
    let sentences: [String]

    init(_ sentences: [String]) { self.sentences = sentences }

    var description: String { sentences.joined(separator: "; ") }
}
