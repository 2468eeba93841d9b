internal import LayerTesting
internal import ToolKit

/// What cannot be repeated.
struct WritingTool: Tool {
    typealias Arguments = ProbeTool.Arguments

    let name = "writing"
    let description = "Writes nothing."
    let risk = Risk.low
    let isEnabledByDefault = true
    let isIdempotent = false
    let annotations = ToolAnnotations(title: "Write", readOnly: false)
    let availability = Availability.available

    func access(for arguments: Arguments) -> Access { Access(places: [Access.Place(arguments.path, .write)]) }
    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] { [:] }
    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        ToolOutput([:], summary: "nothing")
    }
}
