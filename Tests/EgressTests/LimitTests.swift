import CZlib
import Egress
import Foundation
import Testing
import ToolKit

@Suite("A server that sends too much or too slowly")
struct LimitTests {
    private let small = FetchLimits(time: .seconds(300), body: 200_000, head: 16_384)

    private func failure(_ reply: LoopbackSite.Reply, _ limits: FetchLimits? = nil) async throws -> String? {
        let site = try await LoopbackSite.start { _ in reply }
        let fixture = try EgressFixture(allowing: ["127.0.0.1": .anywhere])
        let failure = try await fixture.failure(of: "http://127.0.0.1:\(site.port)/", limits: limits ?? small)
        await site.stop()
        return failure
    }

    @Test("R41, control: what stays inside the limits is answered, sized, in pieces or to the end of the connection")
    func control() async throws {
        let body = String(repeating: "x", count: 190_000)
        #expect(try await failure(.page(body)) == nil)
        #expect(try await failure(.text("HTTP/1.1 200 OK\r\n\r\n\(body)")) == nil)
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        #expect(try await failure(.text(chunked)) == nil)
    }

    @Test("R41: is cut off when its body has no end, in whatever form")
    func endlessBody() async throws {
        let piece = [UInt8](repeating: 0x61, count: 10_000)
        #expect(try await failure(.endless(head: "HTTP/1.1 200 OK\r\n\r\n", piece)) == "too_large")
        #expect(
            try await failure(.endless(head: "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", piece))
                == "too_large")
        let chunk = Array("2710\r\n".utf8) + piece + Array("\r\n".utf8)
        #expect(
            try await failure(.endless(head: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk))
                == "too_large")
        // Tiny pieces cost more on the wire than they hold.
        let tiny = Array(String(repeating: "1\r\na\r\n", count: 1_000).utf8)
        #expect(
            try await failure(.endless(head: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", tiny))
                == "too_large")
        // Fields behind the body are no place to hide.
        let trailer = Array(String(repeating: "x: y\r\n", count: 500).utf8)
        #expect(
            try await failure(.endless(head: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", trailer))
                != nil)
    }

    @Test("R41: is cut off when its head has no end: one long field, many short ones, interim answers")
    func endlessHead() async throws {
        #expect(
            try await failure(.endless(head: "HTTP/1.1 200 OK\r\nx: ", [UInt8](repeating: 0x61, count: 1_000))) != nil)
        #expect(
            try await failure(
                .endless(head: "HTTP/1.1 200 OK\r\n", Array(String(repeating: "x: y\r\n", count: 100).utf8))) != nil)
        #expect(
            try await failure(
                .endless(head: "", Array(String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 50).utf8))) != nil)
    }

    @Test("R41: is given up when it says nothing more, before the head, in it and in the body")
    func slow() async throws {
        let limits = FetchLimits(time: .milliseconds(400))
        for begun in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"] {
            #expect(try await failure(.stalls(begun), limits) == "timeout")
        }
    }

    @Test("R41: the time is that of all redirects together")
    func slowRedirects() async throws {
        let site = try await LoopbackSite.start {
            $0 == "/3" ? .stalls("") : .redirect("/\((Int($0.dropFirst()) ?? 0) + 1)")
        }
        let fixture = try EgressFixture(allowing: ["127.0.0.1": .anywhere])
        let limits = FetchLimits(time: .milliseconds(400))
        #expect(try await fixture.failure(of: "http://127.0.0.1:\(site.port)/0", limits: limits) == "timeout")
        await site.stop()
    }

    private func packed(_ bytes: [UInt8], windowBits: Int32 = 31) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, 9, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count + 1_000)
        return input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                deflate(&stream, Z_FINISH)
                return Array(output[..<(output.count - Int(stream.avail_out))])
            }
        }
    }

    private func reply(_ body: [UInt8], _ encoding: String) -> LoopbackSite.Reply {
        .bytes(
            Array("HTTP/1.1 200 OK\r\ncontent-encoding: \(encoding)\r\ncontent-length: \(body.count)\r\n\r\n".utf8)
                + body)
    }

    @Test("R41, control: packed bodies are unpacked in the ways that were offered")
    func unpacked() async throws {
        let body = Array(String(repeating: "hello ", count: 1_000).utf8)
        let ways: [([UInt8], String)] = [
            (packed(body), "gzip"), (packed(body), "X-GZIP"), (packed(body, windowBits: 15), "deflate"),
            (packed(body, windowBits: -15), "deflate"), (body, "identity"),
            (packed(Array(body[..<3_000])) + packed(Array(body[3_000...])), "gzip"),
        ]
        for (bytes, encoding) in ways {
            let site = try await LoopbackSite.start { _ in reply(bytes, encoding) }
            let fixture = try EgressFixture(allowing: ["127.0.0.1": .anywhere])
            #expect(try await fixture.fetch("http://127.0.0.1:\(site.port)/", limits: small).body == body)
            await site.stop()
        }
    }

    @Test("R41: a small body that unpacks to a huge one is cut off at the limit")
    func bomb() async throws {
        let bomb = packed([UInt8](repeating: 0, count: 50_000_000))
        #expect(bomb.count < 100_000)
        #expect(try await failure(reply(bomb, "gzip")) == "too_large")
        #expect(try await failure(reply(packed(bomb), "gzip, gzip")) == "bad_answer")
    }

    @Test("that packs badly or in an unknown way is a clear failure")
    func badlyPacked() async throws {
        let good = packed(Array("hello".utf8))
        #expect(try await failure(reply(Array(good.dropLast(10)), "gzip")) == "bad_answer")
        #expect(try await failure(reply(Array("hello".utf8), "gzip")) == "bad_answer")
        #expect(try await failure(reply(good, "br")) == "bad_answer")
    }

    @Test("that does not speak HTTP, or hangs up, is a clear failure")
    func noHTTP() async throws {
        #expect(try await failure(.text("SSH-2.0-OpenSSH_9.2\r\n")) == "bad_answer")
        #expect(try await failure(.text("")) == "bad_answer")
        #expect(try await failure(.text("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc")) == "bad_answer")
    }
}
