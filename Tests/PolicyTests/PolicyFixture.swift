import Gate
import Testing
import ToolKit

/// The reason why a policy is refused; a test that expects one fails when there is none.
func refusal(of yaml: String) throws -> String {
    try #require(throws: FileProblem.self) { _ = try Policy(yaml: Array(yaml.utf8)) }.reason
}

/// A policy of one rule with these lines in it.
func yaml(_ lines: String...) -> String {
    "version: 1\npaths:\n  - name: rule\n" + lines.map { "    \($0)\n" }.joined()
}

let reason = "reason: because"

extension Policy {
    func verdict(_ path: String, _ use: Access.PathUse) throws -> PathVerdict {
        let path = try WorkspacePath(path)
        let verdict = verdict(path, use)
        // Both ways to ask have to agree, whatever is asked.
        #expect(judge(Access(places: [.init(path, use)])).verdict == verdict)
        return verdict
    }
}
