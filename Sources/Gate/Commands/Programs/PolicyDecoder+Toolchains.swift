internal import Foundation
internal import ToolKit

/// `toolchains:`, folders outside the system whose programs may run.
extension PolicyDecoder {
    private static let toolchainKeys = ["name", "folder", "programs", "environment"]

    mutating func toolchains(_ value: YAMLValue) -> [Toolchain] {
        guard case .list(let elements, let line) = value else {
            problem(value.line, "toolchains must be a list, not \(value.kindName)")
            return []
        }
        guard elements.count <= 50 else {
            problem(line, "toolchains holds \(elements.count) entries; at most 50")
            return []
        }
        var names: Set<String> = []
        return elements.enumerated().compactMap { place, element in
            guard let toolchain = toolchain(element, field: "toolchains[\(place)]") else { return nil }
            if !names.insert(toolchain.name).inserted {
                problem(element.line, "toolchains[\(place)].name \"\(toolchain.name)\" is the name of an earlier one")
            }
            return toolchain
        }
    }

    private mutating func toolchain(_ value: YAMLValue, field: String) -> Toolchain? {
        guard case .mapping(let members, let line) = value else {
            problem(value.line, "\(field) must be a mapping, not \(value.kindName)")
            return nil
        }
        let before = problems.count
        let parts = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        for member in members where !Self.toolchainKeys.contains(member.key) {
            unknown(member, among: Self.toolchainKeys, in: field)
        }
        let name = ruleName(parts["name"], line, "\(field).name")
        let folder = folder(parts["folder"], line, "\(field).folder")
        let programs = texts(parts["programs"], line, "\(field).programs", isRequired: false)
        for (program, line) in programs where (try? WorkspacePath(program))?.description != program {
            problem(line, "\(field).programs: \(JSONWriter.quoted(program)) must be a path below the folder: bin/cargo")
        }
        let environment = environment(parts["environment"], "\(field).environment")
        guard problems.count == before else { return nil }
        return Toolchain(name: name, folder: folder, programs: programs.map(\.text), environment: environment)
    }

    /// Absolute, or below the home of whoever runs the daemon.
    private mutating func folder(_ value: YAMLValue?, _ line: Int, _ field: String) -> String {
        var text = required(value, line, field, lengthLimit: 1_024)
        if text.hasPrefix("~/") { text = NSHomeDirectory() + text.dropFirst() }
        while text.utf8.count > 1, text.hasSuffix("/") { text.removeLast() }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let isClean = text.hasPrefix("/") && !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }
        let isControlled = text.unicodeScalars.contains { $0.value < 0x20 || 0x7F...0x9F ~= $0.value }
        if !text.isEmpty, !isClean || isControlled || Self.isBroad(parts) {
            problem(
                value?.line ?? line,
                "\(field) must be the absolute path of one toolchain, without \"..\"; not /, a home or a system folder")
        }
        return text
    }

    /// Mounting a whole home would show every secret in it.
    private static func isBroad(_ parts: ArraySlice<Substring>) -> Bool {
        guard let first = parts.first, parts.count >= 2 else { return true }
        let isHome = (first == "home" || first == "Users") && parts.count == 2
        return isHome || ["proc", "sys", "dev", "etc", "run", "boot", "tmp"].contains(first)
    }

    private mutating func environment(_ value: YAMLValue?, _ field: String) -> [String: String] {
        guard let value else { return [:] }
        guard case .mapping(let members, _) = value else {
            problem(value.line, "\(field) must be a mapping of names and texts, not \(value.kindName)")
            return [:]
        }
        var environment: [String: String] = [:]
        for member in members {
            if Toolchain.isRefused(variable: member.key) {
                problem(member.line, "\(field).\(member.key.prefix(64)) is a variable that the daemon sets or refuses")
            }
            environment[member.key] = required(
                member.value, member.line, "\(field).\(member.key.prefix(64))", lengthLimit: 4_096)
        }
        return environment
    }
}
