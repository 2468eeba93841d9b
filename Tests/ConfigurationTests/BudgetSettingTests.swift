import Gate
import Testing
import ToolKit

@Suite("Budgets in the configuration")
struct BudgetSettingTests {
    private func problems(_ json: JSONValue) -> [String] {
        do throws(ArgumentProblems) {
            _ = try Budgets(json, defaults: .task)
            return []
        } catch {
            return error.problems.map { "\($0.field) \($0.reason)" }
        }
    }

    @Test(
        "are refused by field when they are negative, enormous, no number or unknown",
        arguments: [
            (["deletions": -1], "deletions must be an integer from 0 to 1000000, or null for no limit"),
            (["deletions": 1_000_001], "deletions must be an integer from 0 to 1000000"),
            (["bytes_written": 1_099_511_627_777], "bytes_written must be an integer from 0 to 1099511627776"),
            (["write_commands": 1e300], "write_commands must be an integer"),
            (["external_requests": "5"], "external_requests must be an integer"),
            (["external_requests": 0.5], "external_requests must be an integer"),
            (["deletion": 5], "deletion is unknown; did you mean \"deletions\"?"),
            ([], " must be an object, not an array"),
        ] as [(JSONValue, String)])
    func refused(_ json: JSONValue, _ problem: String) {
        #expect(problems(json).first?.hasPrefix(problem) == true, "\(problems(json))")
    }

    @Test("have their default where nothing is said, and no limit where null is")
    func defaults() throws {
        let budgets = try Budgets(["deletions": nil, "write_commands": 0], defaults: .task)
        #expect(budgets[.deletions] == nil && budgets[.writeCommands] == 0)
        #expect(budgets[.bytesWritten] == 67_108_864 && budgets[.externalRequests] == 200)
        #expect(try Budgets(budgets.json, defaults: .none) == budgets)
        #expect(try Budgets([:], defaults: .none).isEmpty)
    }

    @Test("are kept in the file and set by PATCH, all of one key at a time")
    func patched() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/configuration.json"
        let file = try ConfigurationFile(path: path, knownTools: KnownTools(adding: []))
        #expect(file.current.taskBudgets == .task && file.current.dailyBudgets == .none)
        try file.patch(["daily_budgets": ["deletions": 7]])
        #expect(throws: ConfigurationRefusal.self) { try file.patch(["task_budgets": ["deletions": -7]]) }
        let again = try ConfigurationFile(path: path, knownTools: KnownTools(adding: []))
        #expect(again.current.dailyBudgets == Budgets([.deletions: 7]))
        #expect(again.current.taskBudgets == .task)
    }
}
