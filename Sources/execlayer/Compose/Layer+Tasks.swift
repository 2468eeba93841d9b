internal import Engine
internal import Foundation
internal import Gate
internal import Logging
internal import Store
internal import ToolKit

extension Layer {
    /// The key of the planner's endpoint, out of the daemon's environment.
    static func plannerKey(_ configuration: Configuration) -> PlannerKey? {
        guard let variable = configuration.planner.endpoint?.keyVariable,
            let value = ProcessInfo.processInfo.environment[variable], !value.isEmpty
        else { return nil }
        return PlannerKey(variable: variable, value: value)
    }

    /// Takes over the tasks of the older system, once. What cannot be read is left alone, and looked at again at the next
    /// start.
    func importOlderTasks() async {
        let logger = Logger(label: "start")
        let path = home.configuration + "/" + OlderTasks.fileName
        do {
            guard try await state.remembered(Self.imported) == nil else { return }
            let file = try await pool.run { try SmallFile.read(path, limit: OlderTasks.fileBytes) }
            guard let file else { return }
            let owner = authenticator.hasOperatorToken ? Authenticator.operatorName : Authenticator.localName
            let older = try OlderTasks(file.bytes, principal: owner, catalog: gate.catalog, at: time.wall)
            for imported in older.tasks { _ = try await state.insert(imported.task, steps: imported.steps) }
            _ = try await state.remember("\(older.tasks.count)", as: Self.imported)
            logger.notice(
                "the tasks of the older system were taken over; the file stays where it is",
                metadata: ["tasks": "\(older.tasks.count)"])
            if older.unreadable + older.undecided > 0 {
                logger.warning(
                    "not everything of config/\(OlderTasks.fileName) could be taken over; ask again for what waited for a decision",
                    metadata: ["unreadable": "\(older.unreadable)", "undecided": "\(older.undecided)"])
            }
        } catch {
            let problem =
                switch error {
                case let syntax as JSONSyntaxError: "line \(syntax.line), column \(syntax.column): \(syntax.reason)"
                case is OlderTasks.NotATaskFile: "it holds no list of tasks"
                default: "\(error)"
                }
            logger.warning(
                "config/\(OlderTasks.fileName) cannot be taken over; mend it, or remove it, and start the daemon again",
                metadata: ["problem": "\(problem)"])
        }
    }

    private static let imported = "execution_tasks_imported"

    func tickTasks() async {
        do {
            try await tasks.tidy()
        } catch {
            Logger(label: "tasks").warning("old tasks could not be forgotten", metadata: ["error": "\(error)"])
        }
    }
}
