package import ToolKit

/// The event log of Windows. Listed everywhere, because clients know its name; it works on Windows only.
package struct WindowsEventlogRead: Tool {
    package struct Arguments: ToolArguments {
        package let log: String
        package let minutes: Int

        package static let schema = ArgumentSchema(
            .optional(
                "log", .string(minLength: 1, maxLength: 200), default: "Application", "Such as Application or System."),
            .optional("minutes", .integer(1...1_440), default: 5, "How far back."))
    }

    package let name = "windows_eventlog_read"
    package let description = "Reads recent entries of a Windows event log."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Windows event log", readOnly: true)

    package init() {}

    package var availability: Availability { WindowsOnly.availability }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access { .observe(.eventLog) }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        throw WindowsOnly.failure
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        throw WindowsOnly.failure
    }
}

/// What tools answer that only Windows can serve.
enum WindowsOnly {
    static let availability = Availability.unavailable(
        reason: "needs Windows", remedy: "run it on a Windows machine", dependency: "windows")

    static let failure = ToolFailure(
        "unavailable", "this machine does not run Windows", remedy: "run it on a Windows machine")
}
