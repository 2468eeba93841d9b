package import ToolKit

/// `consult_providers` of the configuration: pages at which `consult_ui` may ask, by name.
package struct ConsultProviders: Sendable, Equatable {
    package var all: [String: ConsultProvider] = [:]

    static let limit = 32

    package init() {}

    private static let selector = ArgumentType.string(minLength: 1, maxLength: 1_024)
    private static let schema = ArgumentSchema(
        .required("url", .string(minLength: 1, maxLength: 2_048), "The page."),
        .required("input", selector, "CSS of the field for the question."),
        .optional("submit", selector, "CSS of what sends it; without it Enter does."),
        .required("answer", selector, "CSS of the answer; of several the last one counts."),
        .optional("done", selector, "CSS of what can be seen once the answer is complete."))

    /// - Throws: ``ArgumentProblems`` with fields below this one; an empty name stands for the whole.
    init(_ json: JSONValue) throws(ArgumentProblems) {
        guard let members = json.objectValue else { throw Self.problem("", "must be an object, not \(json.kindName)") }
        guard members.count <= Self.limit else { throw Self.problem("", "lists more than \(Self.limit) providers") }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let isName = name.utf8.allSatisfy { byte in
                0x61...0x7A ~= byte || 0x30...0x39 ~= byte || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
            guard isName, 1...64 ~= name.utf8.count else {
                throw Self.problem(
                    String(name.prefix(64)), "must be named with small letters, digits, '-' and '_', at most 64")
            }
            guard let fields = value.objectValue else {
                throw Self.problem(name, "must be an object, not \(value.kindName)")
            }
            do throws(ArgumentProblems) {
                all[name] = try Self.provider(fields)
            } catch {
                throw error.below(name)
            }
        }
    }

    private static func provider(_ fields: [String: JSONValue]) throws(ArgumentProblems) -> ConsultProvider {
        let fields = try schema.canonical(fields, roots: [])
        let url: WebURL
        do throws(WebURLError) {
            url = try WebURL(fields["url"]?.stringValue ?? "")
        } catch {
            throw problem("url", error.description)
        }
        return ConsultProvider(
            url: url, input: fields["input"]?.stringValue ?? "", submit: fields["submit"]?.stringValue,
            answer: fields["answer"]?.stringValue ?? "", done: fields["done"]?.stringValue)
    }

    package var json: JSONValue {
        .object(
            all.mapValues { provider in
                var members: [String: JSONValue] = [
                    "url": .string(provider.url.description), "input": .string(provider.input),
                    "answer": .string(provider.answer),
                ]
                members["submit"] = provider.submit.map(JSONValue.string)
                members["done"] = provider.done.map(JSONValue.string)
                return .object(members)
            })
    }

    private static func problem(_ field: String, _ reason: String) -> ArgumentProblems {
        ArgumentProblems([ArgumentProblem(field: field, reason: reason)])
    }
}
