package import ToolKit

/// The services that this machine's service manager knows.
package struct ServiceList: Tool {
    package let name = "service_list"
    package let description =
        "Lists services with state and description, from the service manager's files; no program is started."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Services", readOnly: true)

    static let maxServices = 1_000

    package init() {}

    package var availability: Availability { ProcFiles.availability }

    package func access(for arguments: NoArguments) throws(ToolFailure) -> Access { .observe(.services) }

    package func plan(for arguments: NoArguments, in context: ToolContext) async throws -> [String: JSONValue] {
        [
            "summary": .string(
                "read the unit files of systemd and which services have a cgroup, or the scripts of /etc/init.d where "
                    + "systemd does not run; no program is started")
        ]
    }

    package func call(arguments: NoArguments, in context: ToolContext) async throws -> ToolOutput {
        let facts = ProcFiles(host: context.host, aspect: .services)
        let isSystemd = !facts.names("/run/systemd/system").isEmpty || !facts.names("/run/systemd/units").isEmpty
        let found = isSystemd ? try SystemdServices.list(facts, context) : try InitScripts.list(facts, context)
        let services = found.prefix(Self.maxServices).map(\.json)
        let manager = isSystemd ? "systemd" : found.isEmpty ? "none" : "init.d"
        var result: [String: JSONValue] = [
            "services": .array(services), "count": .integer(services.count), "manager": .string(manager),
            "truncated": .bool(found.count > services.count),
        ]
        if !isSystemd {
            result["note"] =
                "no service manager runs here whose files tell a state; the scripts of /etc/init.d are listed"
        }
        return ToolOutput(.object(result), summary: "\(services.count) services of \(manager)")
    }
}

/// One service.
struct Service {
    let name: String
    let state: String
    let description: String

    var json: JSONValue {
        ["name": .string(name), "state": .string(state), "description": .string(String(description.prefix(300)))]
    }
}

/// Scripts of `/etc/init.d`. Whether one runs only the script itself could tell, and none is started here.
enum InitScripts {
    static func list(_ facts: ProcFiles, _ context: ToolContext) throws -> [Service] {
        var services: [Service] = []
        for name in facts.names("/etc/init.d") where !name.hasPrefix(".") && name != "README" && name != "skeleton" {
            try context.checkLimits()
            let text = facts.text("/etc/init.d/\(name)") ?? ""
            let line = text.split(separator: "\n").first { $0.hasPrefix("# Short-Description:") }
            let description = line?.dropFirst("# Short-Description:".count).drop { $0 == " " || $0 == "\t" } ?? ""
            services.append(Service(name: name, state: "unknown", description: String(description)))
        }
        return services
    }
}
