package import HTTPTypes
package import HummingbirdCore

/// Which handler answers which method and path.
///
/// Paths match exactly, byte for byte; `{name}` stands for one segment that is not empty. HEAD is answered as GET without
/// its body. A table of our own, because Hummingbird's router tells a wrong method from a wrong path only to itself, and
/// CONTRACT wants 405 with `Allow` for the one and 404 for the other.
package struct RouteTable: Sendable {
    package typealias Handler = @Sendable (RouteRequest) async throws -> Response

    struct Route: Sendable {
        let method: HTTPRequest.Method
        let isCheap: Bool
        let handler: Handler
    }

    enum Match {
        case route(Route, parameters: [String: String])
        case wrongMethod(allow: String)
        case unknownPath
    }

    private struct Pattern: Sendable {
        let segments: [Substring]
        var routes: [Route]
    }

    private var fixed: [String: [Route]] = [:]
    private var patterns: [Pattern] = []

    package init() {}

    /// The paths that are answered and hold no parameter.
    var paths: Set<String> { Set(fixed.keys) }

    /// - Parameter isCheap: Answered even when too many requests are being answered already, such as `/health`.
    package mutating func add(
        _ method: HTTPRequest.Method, _ path: String, isCheap: Bool = false, _ handler: @escaping Handler
    ) {
        let route = Route(method: method, isCheap: isCheap, handler: handler)
        guard path.contains("{") else {
            precondition(fixed[path]?.contains { $0.method == method } != true, "\(method) \(path) is routed twice")
            fixed[path, default: []].append(route)
            return
        }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        if let index = patterns.firstIndex(where: { $0.segments == segments }) {
            precondition(!patterns[index].routes.contains { $0.method == method }, "\(method) \(path) is routed twice")
            patterns[index].routes.append(route)
        } else {
            patterns.append(Pattern(segments: segments, routes: [route]))
        }
    }

    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        if let routes = fixed[path] { return choose(method, among: routes, [:]) }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        for pattern in patterns {
            if let parameters = Self.parameters(of: segments, in: pattern.segments) {
                return choose(method, among: pattern.routes, parameters)
            }
        }
        return .unknownPath
    }

    private func choose(_ method: HTTPRequest.Method, among routes: [Route], _ parameters: [String: String]) -> Match {
        for route in routes where route.method == method { return .route(route, parameters: parameters) }
        if method == .head, let route = routes.first(where: { $0.method == .get }) {
            return .route(route, parameters: parameters)
        }
        var allowed = routes.map(\.method.rawValue)
        if allowed.contains("GET"), !allowed.contains("HEAD") { allowed.append("HEAD") }
        return .wrongMethod(allow: allowed.sorted().joined(separator: ", "))
    }

    private static func parameters(of segments: [Substring], in pattern: [Substring]) -> [String: String]? {
        guard segments.count == pattern.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, expected) in zip(segments, pattern) {
            if expected.hasPrefix("{") {
                guard !segment.isEmpty else { return nil }
                parameters[String(expected.dropFirst().dropLast())] = String(segment)
            } else if segment != expected {
                return nil
            }
        }
        return parameters
    }
}
