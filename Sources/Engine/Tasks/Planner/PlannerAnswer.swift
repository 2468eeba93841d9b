internal import ToolKit

/// An answer of the model that is none; why, as a sentence that holds nothing of it.
struct BadPlannerAnswer: Error, Hashable {
    let sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}

/// Reads what an endpoint answered.
enum PlannerAnswer: Hashable {
    case step(StepDraft)
    case done(String?)

    /// - Throws: ``BadPlannerAnswer``.
    static func read(_ bytes: [UInt8]) throws(BadPlannerAnswer) -> PlannerAnswer {
        guard let envelope = try? JSONReader.read(bytes) else {
            throw BadPlannerAnswer("the planner's endpoint does not answer in JSON")
        }
        guard let content = envelope["choices"]?.arrayValue?.first?["message"]?["content"]?.stringValue else {
            throw BadPlannerAnswer("the planner's endpoint answers without choices[0].message.content")
        }
        guard let answer = try? JSONReader.read(unwrapped(content)), let members = answer.objectValue else {
            throw BadPlannerAnswer("the planner's answer is not one JSON object")
        }
        if let done = members["done"] {
            guard done == true else { throw BadPlannerAnswer("the planner's \"done\" is not true") }
            return .done(members["summary"]?.stringValue)
        }
        guard let name = members["tool_name"]?.stringValue, !name.isEmpty, name.utf8.count <= 256 else {
            throw BadPlannerAnswer("the planner's answer names neither a tool nor that it is done")
        }
        guard let arguments = (members["args"] ?? [:]).objectValue else {
            throw BadPlannerAnswer("the planner's \"args\" is not an object")
        }
        let description = members["description"]?.stringValue.map { String($0.unicodeScalars.prefix(400)) }
        return .step(StepDraft(toolName: name, arguments: arguments, description: description))
    }

    /// Without the fence and the words around it that models like to add.
    private static func unwrapped(_ content: String) -> String {
        guard let start = content.firstIndex(of: "{"), let end = content.lastIndex(of: "}"), start < end else {
            return content
        }
        return String(content[start...end])
    }
}
