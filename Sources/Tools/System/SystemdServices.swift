internal import ToolKit

/// The services of systemd, from its unit files and cgroups.
///
/// A service with processes has a cgroup of its name below `system.slice`; one that did its work and left
/// (`Type=oneshot`) has none and counts as not running.
enum SystemdServices {
    /// In systemd's own order of precedence.
    private static let folders = [
        "/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator", "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system", "/lib/systemd/system",
    ]
    private static let slices = [
        "/sys/fs/cgroup/system.slice", "/sys/fs/cgroup/systemd/system.slice", "/sys/fs/cgroup/unified/system.slice",
    ]

    static func list(_ facts: ProcFiles, _ context: ToolContext) throws -> [Service] {
        let running = slices.lazy.map { facts.names($0) }.first { !$0.isEmpty }
        let live = Set((running ?? []).filter { $0.hasSuffix(".service") })
        var services: [String: Service] = [:]
        var templates: [String: String] = [:]
        for folder in folders {
            for unit in facts.names(folder) where unit.hasSuffix(".service") && services[unit] == nil {
                try context.checkLimits()
                let path = "\(folder)/\(unit)"
                let link = facts.destination(path)
                if link == "/dev/null" {
                    services[unit] = Service(name: short(unit), state: "masked", description: "")
                    continue
                }
                // Another name for a unit that is listed under its own.
                if let link, link.split(separator: "/").last.map(String.init) != unit { continue }
                guard let text = facts.text(path) else { continue }
                if let at = unit.firstIndex(of: "@"), unit[at...] == "@.service" {
                    templates[String(unit[...at])] = templates[String(unit[...at])] ?? description(text)
                    continue
                }
                let state = running == nil ? "unknown" : live.contains(unit) ? "running" : "not running"
                services[unit] = Service(name: short(unit), state: state, description: description(text))
            }
        }
        for unit in live where services[unit] == nil {
            let template = unit.firstIndex(of: "@").map { String(unit[...$0]) }
            services[unit] = Service(
                name: short(unit), state: "running", description: template.flatMap { templates[$0] } ?? "")
        }
        return services.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func short(_ unit: String) -> String { String(unit.dropLast(".service".count)) }

    private static func description(_ text: String) -> String {
        let line = text.split(separator: "\n").first { $0.hasPrefix("Description=") }
        return line.map { String($0.dropFirst("Description=".count)) } ?? ""
    }
}
