import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ToolKit

/// Speaks the W3C protocol with a driver: one session, one browser.
struct WebDriver: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let command: String
        let error: String
        let message: String
        var description: String { "\(command): \(error): \(message.prefix(2_000))" }
    }

    let session: String

    static func start(at base: String, capabilities: JSONValue) async throws -> WebDriver {
        let made = try await send("POST", base + "/session", ["capabilities": ["alwaysMatch": capabilities]])
        return WebDriver(session: base + "/session/" + (made["sessionId"]?.stringValue ?? ""))
    }

    func quit() async throws { _ = try await Self.send("DELETE", session, nil) }

    func get(_ path: String) async throws -> JSONValue { try await Self.send("GET", session + "/" + path, nil) }

    @discardableResult
    func post(_ path: String, _ body: JSONValue = [:]) async throws -> JSONValue {
        try await Self.send("POST", session + "/" + path, body)
    }

    func delete(_ path: String) async throws { _ = try await Self.send("DELETE", session + "/" + path, nil) }

    /// A command of Chromium's own protocol.
    @discardableResult
    func chromium(_ command: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
        try await post("goog/cdp/execute", ["cmd": .string(command), "params": parameters])
    }

    private static func send(_ method: String, _ url: String, _ body: JSONValue?) async throws -> JSONValue {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json; charset=utf-8")
            request.body = .bytes(JSONWriter.write(body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(90))
        let bytes = Array(try await response.body.collect(upTo: 128 << 20).readableBytesView)
        let value = try JSONReader.read(bytes)["value"] ?? .null
        guard response.status == .ok else {
            throw Failure(
                command: "\(method) \(url.split(separator: "/").suffix(2).joined(separator: "/"))",
                error: value["error"]?.stringValue ?? "\(response.status)",
                message: value["message"]?.stringValue ?? "")
        }
        return value
    }
}
