package import ToolKit

/// The state of Windows Defender. Listed everywhere, because clients know its name; it works on Windows only.
package struct DefenderStatusRead: Tool {
    package let name = "defender_status_read"
    package let description = "Reads the state of Windows Defender."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Windows Defender", readOnly: true)

    package init() {}

    package var availability: Availability { WindowsOnly.availability }

    package func access(for arguments: NoArguments) throws(ToolFailure) -> Access { .observe(.system) }

    package func plan(for arguments: NoArguments, in context: ToolContext) async throws -> [String: JSONValue] {
        throw WindowsOnly.failure
    }

    package func call(arguments: NoArguments, in context: ToolContext) async throws -> ToolOutput {
        throw WindowsOnly.failure
    }
}
