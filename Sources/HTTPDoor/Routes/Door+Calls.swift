internal import HTTPTypes
internal import Engine
internal import Gate
internal import HummingbirdCore
internal import ToolKit

extension Door {
    func addCallRoutes(to table: inout RouteTable) {
        let call = authenticated { [self] request, principal in
            let call = try ToolCall(envelope: await request.json())
            let answer = await engine.answer(call, from: principal, through: "http")
            return JSONAnswer.make(bytes: JSONWriter.write(members: answer.members), status: Self.status(of: answer))
        }
        table.add(.post, "/api/v1/execution/run", call)
        table.add(.post, "/api/v1/tools/execute", call)
        let list = authenticated { [self] _, principal in
            try principal.require(.listTools)
            return JSONAnswer.make(["success": true, "tools": tools.json(under: gate.configuration.current)])
        }
        table.add(.get, "/api/v1/execution/tools", list)
        table.add(.get, "/api/v1/tools/status", list)
    }

    /// What gate and tool say is 200; the exceptions are those that existing clients expect.
    static func status(of answer: Answer) -> Int {
        if answer.code == Engine.keyConflict { return 409 }
        return switch answer.kind {
        case .refusal(.approvalRequired), .refusal(.unauthorized): 403
        case .refusal(.locked): 423
        case .waiting: 202
        case .outcome, .refusal, .unrecorded: 200
        }
    }
}
