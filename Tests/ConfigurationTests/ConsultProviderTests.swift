import Foundation
import Gate
import Testing
import ToolKit

@Suite("Pages at which questions may be asked, in the configuration")
struct ConsultProviderTests {
    private func load(_ providers: String) throws -> Result<ConsultProviders, FileProblem> {
        let path = NSTemporaryDirectory() + "providers-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "{\n\"consult_providers\": \(providers)\n}".write(toFile: path, atomically: true, encoding: .utf8)
        do {
            return .success(try ConfigurationFile(path: path).current.consultProviders)
        } catch let problem {
            return .failure(problem)
        }
    }

    private static let page = #""url": "https://ask.example/x", "input": "textarea", "answer": ".a""#

    @Test("are taken when they are right")
    func right() throws {
        let all = try load(#"{"one": {\#(Self.page)}, "two-2": {\#(Self.page), "submit": "button", "done": "i"}}"#)
            .get().all
        #expect(Set(all.keys) == ["one", "two-2"])
        #expect(all["one"]?.url.description == "https://ask.example/x" && all["one"]?.submit == nil)
        #expect(all["two-2"]?.submit == "button" && all["two-2"]?.done == "i")
        #expect(try load("{}").get().all.isEmpty)
    }

    private static let wrongOnes: [(String, String)] = [
        ("[]", "consult_providers must be an object"), (#"{"a": 1}"#, "consult_providers.a"),
        (#"{"A b": {\#(page)}}"#, "small letters"), (#"{"": {\#(page)}}"#, "small letters"),
        (#"{"a": {"url": "ftp://x", "input": "i", "answer": "a"}}"#, "consult_providers.a.url"),
        (#"{"a": {"url": "https://x.example", "answer": "a"}}"#, "consult_providers.a.input"),
        (#"{"a": {\#(page), "sumbit": "b"}}"#, "submit"),
        (#"{"a": {\#(page), "done": ""}}"#, "consult_providers.a.done"),
    ]

    @Test("are refused with the field when they are wrong", arguments: wrongOnes)
    func wrong(_ text: String, _ words: String) throws {
        guard case .failure(let problem) = try load(text) else {
            Issue.record("\(text) was taken")
            return
        }
        #expect(problem.reason.contains(words), "\(problem.reason)")
    }
}
