internal import Foundation
package import ToolKit

/// `planner` of the configuration: who plans tasks that nobody gave any steps, and where the application answers.
package struct PlannerSettings: Sendable, Equatable {
    /// An endpoint that speaks as OpenAI's does.
    package struct Endpoint: Sendable, Equatable {
        /// With the path before `/chat/completions`, without a slash at its end.
        package let baseURL: String
        package let model: String
        /// The variable of the daemon's environment that holds the key.
        package let keyVariable: String?
        package let timeoutSeconds: Int

        package init(baseURL: String, model: String, keyVariable: String?, timeoutSeconds: Int) {
            self.baseURL = baseURL
            self.model = model
            self.keyVariable = keyVariable
            self.timeoutSeconds = timeoutSeconds
        }
    }

    /// For a browser check by the built-in plan.
    package var appURL: String?
    /// `nil`: the built-in planner.
    package var endpoint: Endpoint?

    package init() {}

    private static let schema = ArgumentSchema(
        .optional("kind", .choice(["builtin", "openai"]), default: "builtin", "Who plans."),
        .optional("base_url", .string(minLength: 1, maxLength: 2_048), "Where it answers."),
        .optional("model", .string(minLength: 1, maxLength: 256), "Which model is asked."),
        .optional("api_key_env", .string(minLength: 1, maxLength: 128), "The variable that holds its key."),
        .optional("timeout_seconds", .integer(1...600), "How long one answer may take."),
        .optional("app_url", .string(minLength: 1, maxLength: 2_048), "Where the application answers."))

    /// - Throws: ``ArgumentProblems`` with fields below this one; an empty name stands for the whole.
    init(_ json: JSONValue) throws(ArgumentProblems) {
        guard let members = json.objectValue else {
            throw Self.problem("", "must be an object, not \(json.kindName)")
        }
        let fields = try Self.schema.canonical(members, roots: [])
        appURL = try fields["app_url"]?.stringValue.map { text throws(ArgumentProblems) in
            guard let url = Self.url(text), ["http", "https"].contains(url.scheme) else {
                throw Self.problem("app_url", "must be an http or https URL without a user")
            }
            return text
        }
        guard fields["kind"]?.stringValue == "openai" else {
            for name in ["base_url", "model", "api_key_env", "timeout_seconds"] where fields[name] != nil {
                throw Self.problem(name, "belongs to kind \"openai\"")
            }
            return
        }
        guard let base = fields["base_url"]?.stringValue else { throw Self.problem("base_url", "is required") }
        guard let model = fields["model"]?.stringValue else { throw Self.problem("model", "is required") }
        guard let url = Self.url(base), url.query == nil, url.fragment == nil,
            url.scheme == "https" || (url.scheme == "http" && Self.isLoopback(url.host ?? ""))
        else {
            throw Self.problem(
                "base_url", "must be an https URL, or an http one of this machine, without user, query and fragment")
        }
        let variable = fields["api_key_env"]?.stringValue
        if let variable {
            guard variable.utf8.allSatisfy({ 0x41...0x5A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x5F }),
                !variable.hasPrefix("EXECUTION_"), !variable.hasPrefix("WINDOWS_NODE_")
            else {
                throw Self.problem(
                    "api_key_env", "must be the name of a variable of its own: capital letters, digits and '_'")
            }
        }
        var trimmed = base
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        endpoint = Endpoint(
            baseURL: trimmed, model: model, keyVariable: variable,
            timeoutSeconds: fields["timeout_seconds"]?.integerValue ?? 60)
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [:]
        members["app_url"] = appURL.map(JSONValue.string)
        if let endpoint {
            members["kind"] = "openai"
            members["base_url"] = .string(endpoint.baseURL)
            members["model"] = .string(endpoint.model)
            members["api_key_env"] = endpoint.keyVariable.map(JSONValue.string)
            members["timeout_seconds"] = .integer(endpoint.timeoutSeconds)
        }
        return .object(members)
    }

    private static func problem(_ field: String, _ reason: String) -> ArgumentProblems {
        ArgumentProblems([ArgumentProblem(field: field, reason: reason)])
    }

    private static func url(_ text: String) -> URLComponents? {
        guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "\\") }),
            let url = URLComponents(string: text), url.user == nil, url.password == nil, url.host?.isEmpty == false
        else { return nil }
        return url
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
