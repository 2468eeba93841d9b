import Egress
import Foundation
import NIOSSL
import Testing
import ToolKit

/// A certificate of the test's own, made by openssl; it goes with its folder.
private final class Certificate: Sendable {
    static let program = "/usr/bin/openssl"
    let folder = NSTemporaryDirectory() + "egress-\(UUID().uuidString)"
    var path: String { folder + "/certificate.pem" }

    init(for name: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(filePath: Self.program)
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj",
            "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", folder + "/key.pem", "-out", path,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func site() async throws -> LoopbackSite {
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(path).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: folder + "/key.pem", format: .pem)))
        return try await LoopbackSite.start(tls: try NIOSSLContext(configuration: configuration)) { _ in .page("secret")
        }
    }
}

@Suite(
    "A server that speaks TLS",
    .enabled(if: FileManager.default.isExecutableFile(atPath: Certificate.program), "openssl is not installed"))
struct CertificateTests {
    @Test("R39, control: is reached at the checked address under its own name")
    func trusted() async throws {
        let certificate = try Certificate(for: "site.example")
        let site = try await certificate.site()
        let fixture = try EgressFixture(
            ["site.example": [["127.0.0.1"]]], allowing: ["site.example": .anywhere], trust: .file(certificate.path))
        let answer = try await fixture.fetch("https://site.example:\(site.port)/")
        #expect(answer.body == Array("secret".utf8))
        let entry = try #require(fixture.connections.entries.first)
        // On the wire there is more than the page.
        #expect(entry.received > 200)
        await site.stop()
    }

    @Test("R39: is refused under another name than its certificate's, and when nobody vouches for it")
    func refused() async throws {
        let certificate = try Certificate(for: "site.example")
        let site = try await certificate.site()
        let names = ["other.example": [["127.0.0.1"]], "site.example": [["127.0.0.1"]]]
        let allowed: [String: HostDecision.Reach] = ["other.example": .anywhere, "site.example": .anywhere]
        let other = try EgressFixture(names, allowing: allowed, trust: .file(certificate.path))
        #expect(try await other.failure(of: "https://other.example:\(site.port)/") == "tls_failed")
        let unknown = try EgressFixture(names, allowing: allowed)
        #expect(try await unknown.failure(of: "https://site.example:\(site.port)/") == "tls_failed")
        #expect(site.requests.isEmpty)
        await site.stop()
    }
}
