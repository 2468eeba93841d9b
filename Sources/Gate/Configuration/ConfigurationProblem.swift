/// One field that is wrong, and where.
package struct ConfigurationProblem: Sendable, Hashable {
    package let field: String
    /// A clause that follows the field's name: `must be from 1 to 10000`.
    package let reason: String
    /// Counted from 1; `nil` for a value that came in a request.
    package let line: Int?

    package init(field: String, reason: String, line: Int? = nil) {
        self.field = field
        self.reason = reason
        self.line = line
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    package var description: String {
        let place = line.map { "line \($0): " } ?? ""
        return "\(place)\(field) \(reason)"
    }
}

/// Why a change of the configuration was refused. Nothing was changed.
package enum ConfigurationRefusal: Error, Sendable, Hashable {
    /// Every field that is wrong, sorted by name.
    case invalid([ConfigurationProblem])
    case unknownTool(name: String, nearest: String?)
    /// The file on disk holds a hand edit that cannot be read; writing would lose it.
    case fileBroken(String)
    /// Somebody edited the file while the change was being written.
    case editedMeanwhile
    /// The file could not be written.
    case unwritable(String)
}

extension ConfigurationRefusal {
    /// Stable, for clients.
    package var code: String {
        switch self {
        case .invalid: "invalid_config"
        case .unknownTool: "unknown_tool"
        case .fileBroken: "config_file_broken"
        case .editedMeanwhile: "config_conflict"
        case .unwritable: "config_unwritable"
        }
    }

    /// The HTTP status that says the same.
    package var httpStatus: Int {
        switch self {
        case .invalid: 422
        case .unknownTool: 404
        case .fileBroken, .editedMeanwhile: 409
        case .unwritable: 503
        }
    }

    package var message: String {
        switch self {
        case .invalid(let problems): problems.map(\.description).joined(separator: "; ")
        case .unknownTool(let name, _): "unknown tool: \(name)"
        case .fileBroken(let problem): "the configuration file was edited and cannot be read: \(problem)"
        case .editedMeanwhile: "the configuration file was edited by hand meanwhile; nothing was changed"
        case .unwritable(let problem): "the configuration file cannot be written: \(problem)"
        }
    }

    package var remedy: String {
        switch self {
        case .invalid: "send only fields of the configuration, each within its bounds"
        case .unknownTool(_, let nearest?): "did you mean \"\(nearest)\"?"
        case .unknownTool(_, nil): "list the tools and use one of their names"
        case .fileBroken: "mend the file, then repeat the change"
        case .editedMeanwhile: "look at the configuration again and repeat the change"
        case .unwritable: "let the daemon's user write the file and its folder, and free space on its disk"
        }
    }
}
