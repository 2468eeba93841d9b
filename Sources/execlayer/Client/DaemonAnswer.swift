internal import ToolKit

/// What a daemon said.
struct DaemonAnswer: Sendable, Hashable {
    /// The HTTP status.
    let status: Int
    let body: JSONValue

    var isSuccess: Bool {
        200..<300 ~= status && body["success"]?.boolValue != false
    }
}
