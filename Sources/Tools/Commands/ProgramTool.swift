package import ToolKit

/// A tool that starts programs: without a sandbox for them it is unavailable, and there is no weaker level.
package protocol ProgramTool: Tool {}

extension ProgramTool {
    package var confinement: ToolConfinement? {
        switch availability {
        case .available: ToolConfinement(level: "sandbox")
        case .unavailable(_, let remedy, _): ToolConfinement(level: "unavailable", remedy: remedy)
        }
    }
}
