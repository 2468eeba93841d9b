internal import Engine
internal import Foundation
internal import Gate
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import ToolKit

extension Door {
    private static let tasks = "/api/v1/execution/tasks"

    func addTaskRoutes(to table: inout RouteTable) {
        table.add(.post, Self.tasks, authenticated(createTask))
        table.add(.get, Self.tasks, authenticated(listTasks))
        table.add(
            .get, Self.tasks + "/{id}",
            authenticated { [self] request, principal in
                let first = try Query(request).integer("from_step", in: 1...TaskLimits.steps) ?? 1
                guard let task = try await tasks.task(Self.id(of: request), for: principal) else {
                    throw HTTPRefusal.unknown("task")
                }
                return try await answer(task, from: first)
            })
        table.add(.post, Self.tasks + "/{id}/run", authenticated(runTask))
        add(.post, "start", to: &table) { [tasks] in try await tasks.start($0, by: $1) }
        add(.post, "pause", to: &table) { [tasks] in try await tasks.pause($0, by: $1) }
        add(.post, "resume", to: &table) { [tasks] in try await tasks.resume($0, by: $1) }
        add(.post, "cancel", to: &table) { [tasks] in try await tasks.cancel($0, by: $1) }
        table.add(.post, Self.tasks + "/{id}/steps", authenticated(appendStep))
        table.add(
            .post, Self.tasks + "/{id}/steps/{n}/retry",
            authenticated { [self] request, principal in
                guard let number = Int(request.parameters["n"] ?? ""), 1...TaskLimits.steps ~= number else {
                    throw HTTPRefusal.unknown("step")
                }
                try await Self.requireNoFields(request)
                guard let task = try await tasks.retry(number, of: Self.id(of: request), by: principal) else {
                    throw HTTPRefusal.unknown("task")
                }
                return try await answer(task)
            })
        table.add(.get, Self.tasks + "/{id}/artifacts", authenticated(taskFiles))
        table.add(.get, Self.tasks + "/{id}/artifacts/{filename}", authenticated(taskFile))
    }

    private func add(
        _ method: HTTPRequest.Method, _ deed: String, to table: inout RouteTable,
        _ change: @escaping @Sendable (_ id: String, _ principal: Principal) async throws -> AgentTask?
    ) {
        table.add(
            method, Self.tasks + "/{id}/" + deed,
            authenticated { [self] request, principal in
                try await Self.requireNoFields(request)
                guard let task = try await change(Self.id(of: request), principal) else {
                    throw HTTPRefusal.unknown("task")
                }
                return try await answer(task)
            })
    }

    /// What controls a task takes no body; a field that somebody sends all the same is named, not ignored.
    private static func requireNoFields(_ request: RouteRequest) async throws {
        guard let body = try await request.optionalJSON(), body != .null else { return }
        _ = try Envelope.read(body, as: .none)
    }

    private static func id(of request: RouteRequest) -> String { request.parameters["id"] ?? "" }

    private func answer(_ task: AgentTask, from step: Int = 1, _ more: [String: JSONValue] = [:]) async throws
        -> Response
    {
        let members: [String: JSONValue] = ["success": true, "task": try await tasks.shown(task, from: step)]
        return JSONAnswer.make(.object(members.merging(more) { own, _ in own }))
    }

    @Sendable private func createTask(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let wanted = try TaskRequest(await request.json())
        var draft = wanted.draft
        if let id = wanted.playbookID {
            guard let filled = try await playbooks.draft(id, wanted.variables, into: draft, by: principal) else {
                throw HTTPRefusal.field("playbook_id", "names no playbook that there is")
            }
            draft = filled
        }
        let task = try await tasks.create(draft, from: principal)
        return JSONAnswer.make([
            "success": true, "task_id": .string(task.id), "task": try await tasks.shown(task),
        ])
    }

    @Sendable private func listTasks(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let query = try Query(request)
        let page = try await tasks.tasks(
            TaskQuery(
                limit: try query.integer("limit", in: 1...1_000) ?? 50,
                before: try query.integer("before", in: 0...Int.max),
                status: try query.choice("status", AgentTask.Status.self)), for: principal)
        return JSONAnswer.make([
            "success": true, "tasks": .array(page.listings.map(\.json)), "count": .integer(page.listings.count),
            "next": JSONValue(page.next),
        ])
    }

    @Sendable private func runTask(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        try await Self.requireNoFields(request)
        guard let advance = try await tasks.step(Self.id(of: request), by: principal) else {
            throw HTTPRefusal.unknown("task")
        }
        switch advance {
        case .stepped(let task, let step):
            return try await answer(task, ["step_result": step.resultJSON(of: task)])
        case .idle(let task, let message): return try await answer(task, ["message": .string(message)])
        }
    }

    @Sendable private func appendStep(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let draft = try StepDraft(envelope: await request.json())
        guard let task = try await tasks.append(draft, to: Self.id(of: request), by: principal) else {
            throw HTTPRefusal.unknown("task")
        }
        return try await answer(task, ["step": .integer(task.stepCount)])
    }

    @Sendable private func taskFiles(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        guard let task = try await tasks.task(Self.id(of: request), for: principal) else {
            throw HTTPRefusal.unknown("task")
        }
        let files = try await tasks.files(of: task)
        return JSONAnswer.make([
            "success": true, "task_id": .string(task.id), "artifacts": .array(files.map { .string($0.name) }),
            "files": .array(files.map { ["name": .string($0.name), "step": .integer($0.step)] }),
            "count": .integer(files.count),
        ])
    }

    @Sendable private func taskFile(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let name = try Self.fileName(request.parameters["filename"] ?? "")
        guard let task = try await tasks.task(Self.id(of: request), for: principal) else {
            throw HTTPRefusal.unknown("task")
        }
        switch try await tasks.file(name, of: task) {
        case .kept(let record)?: return try await download(record)
        case .result(let bytes)?:
            let headers = ArtifactHeaders.fields(named: name, mediaType: "application/json")
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case nil: throw HTTPRefusal.unknown("artifact")
        }
    }

    /// A name, and nothing that leads anywhere (CONTRACT, Tasks).
    static func fileName(_ segment: String) throws(HTTPRefusal) -> String {
        guard let name = segment.removingPercentEncoding, !name.isEmpty, name.utf8.count <= 512, !name.contains(".."),
            name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") })
        else {
            throw HTTPRefusal(
                400, code: "invalid_name", "the name of an artifact has no separator, no '..' and no control character",
                remedy: "use a name as the list of the task's artifacts has it")
        }
        return name
    }
}
