import Testing

@testable import Sandbox

@Suite("What a supervisor says, byte by byte")
struct FrameReaderTests {
    private func frame(
        size: UInt32? = nil, version: UInt16 = 1, kind: UInt16, call: UInt32 = 7, descriptors: UInt32 = 0,
        _ payload: [UInt8]
    ) -> [UInt8] {
        var writer = FrameWriter()
        writer.add(size ?? UInt32(payload.count))
        writer.add(version)
        writer.add(kind)
        writer.add(call)
        writer.add(descriptors)
        return writer.bytes + payload
    }

    private func read(_ bytes: [UInt8], piece: Int = .max) throws -> [FrameReader.Message] {
        var reader = FrameReader()
        var messages: [FrameReader.Message] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            rest.prefix(piece).withUnsafeBytes { reader.add($0) }
            rest = rest.dropFirst(piece)
            while let message = try reader.next() { messages.append(message) }
        }
        return messages
    }

    private var exited: [UInt8] {
        var writer = FrameWriter()
        writer.add(Int32(-1))
        writer.add(Int32(9))
        writer.add(UInt32(1))
        writer.add(UInt32(0))
        for number in [1, 2, 3, 4] as [UInt64] { writer.add(number) }
        return frame(kind: 0x83, writer.bytes)
    }

    @Test("is understood however the stream is cut", arguments: [1, 3, 16, 17, 64, .max])
    func pieces(piece: Int) throws {
        let failed = frame(kind: 0x84, call: 8, [18, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0])
        let messages = try read(exited + failed + exited, piece: piece)
        #expect(messages.map(\.call) == [7, 8, 7])
        #expect(messages[1].event == .failed(step: 18, error: 2, index: 1))
        let facts = SupervisorEvent.Exited(
            code: -1, signal: 9, limit: 1, wasKilledByRequest: false, userMicroseconds: 1, systemMicroseconds: 2,
            largestResidentBytes: 3, peakBytes: 4)
        #expect(messages[2].event == .exited(facts))
    }

    @Test("an unfinished frame is waited for")
    func unfinished() throws { #expect(try read(Array(exited.dropLast())).isEmpty) }

    @Test("another version is malformed")
    func version() {
        #expect(throws: FrameReader.Malformed.version(2)) { try read(frame(version: 2, kind: 0x86, [])) }
    }

    @Test("a size beyond every event is malformed before its bytes have come")
    func size() {
        #expect(throws: FrameReader.Malformed.size(4_097)) { try read(frame(size: 4_097, kind: 0x83, [])) }
    }

    @Test("an unknown kind is malformed", arguments: [0, 1, 0x80, 0x87, .max] as [UInt16])
    func kind(kind: UInt16) {
        #expect(throws: FrameReader.Malformed.unknownKind(kind)) { try read(frame(kind: kind, [])) }
    }

    @Test("a payload of another size is malformed", arguments: [0, 47, 49, 4_096])
    func payload(size: Int) {
        #expect(throws: FrameReader.Malformed.payload(kind: 0x83)) {
            try read(frame(kind: 0x83, [UInt8](repeating: 0, count: size)))
        }
    }

    @Test("descriptors are malformed")
    func descriptors() {
        #expect(throws: FrameReader.Malformed.descriptors) { try read(frame(kind: 0x85, descriptors: 1, [])) }
    }

    @Test("nothing is read after a malformed frame")
    func afterwards() {
        var reader = FrameReader()
        (frame(kind: 0, []) + exited).withUnsafeBytes { reader.add($0) }
        #expect(throws: FrameReader.Malformed.self) { try reader.next() }
        #expect(throws: FrameReader.Malformed.unknownKind(0)) { try reader.next() }
    }
}

@Suite("A call that no program could be given")
struct StartRequestTests {
    private func problem(_ change: (inout ConfinedCall) -> Void) -> StartProblem? {
        var call = ConfinedCall("/usr/bin/true", [], folder: "/tmp")
        change(&call)
        do {
            _ = try StartRequest(call, .init(cgroups: 0, hasStandardInput: false))
            return nil
        } catch {
            return error.problem
        }
    }

    @Test("the plain one is fine") func plain() { #expect(problem { _ in } == nil) }
    @Test("a NUL in an argument is refused") func nul() {
        #expect(problem { $0.arguments.append("a\0b") } == .malformed)
    }
    @Test("a NUL in a variable is refused")
    func variable() { #expect(problem { $0.environment["A"] = "\0" } == .malformed) }
    @Test("a variable with = in its name is refused")
    func name() { #expect(problem { $0.environment["A=B"] = "" } == .malformed) }
    @Test("a relative program is refused") func relative() { #expect(problem { $0.program = "true" } == .malformed) }
    @Test("a relative folder is refused") func folder() { #expect(problem { $0.folder = "" } == .malformed) }
    @Test("an empty argv is refused") func argv() { #expect(problem { $0.arguments = [] } == .malformed) }
    @Test("more than a frame holds is refused")
    func tooLong() {
        #expect(problem { $0.arguments.append(String(repeating: "x", count: 5 << 20)) } == .argumentsTooLong)
    }
}
