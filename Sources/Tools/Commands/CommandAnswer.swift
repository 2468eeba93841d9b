internal import ToolKit

/// What the tools that start a program have in common.
enum CommandAnswer {
    /// - Throws: ``ToolFailure`` that says what is wrong with the words of a command.
    static func words(_ command: JSONValue) throws(ToolFailure) -> CommandWords {
        do throws(CommandWordsError) {
            return try CommandWords(command)
        } catch {
            throw ToolFailure(error.code, "the command \(error)", remedy: error.remedy)
        }
    }

    /// - Throws: ``ToolFailure``, as ``words(_:)``.
    static func words(_ list: [String]) throws(ToolFailure) -> CommandWords {
        try words(.array(list.map(JSONValue.string)))
    }

    static func output(_ result: CommandResult, of program: String, adding more: [String: JSONValue] = [:])
        -> ToolOutput
    {
        ToolOutput(
            .object(result.members.merging(more) { own, _ in own }),
            summary: "\(program) ended with \(result.returnCode), \(result.stdout.size) bytes out, "
                + "\(result.stderr.size) bytes of errors"
                + (result.kept.map { ", \($0.artifacts.count) files kept" } ?? ""),
            confinement: result.confinement)
    }

    /// A text, or a list of words.
    static let commandType = ArgumentType.either([
        .string(minLength: 1, maxLength: CommandWords.sizeLimit),
        .array(of: .string(maxLength: CommandWords.wordSizeLimit), count: 1...CommandWords.wordLimit),
    ])
}
