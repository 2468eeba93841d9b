import CPlatform
import Crypto
import Foundation
import Glibc
import Machine
import Surroundings
import Synchronization
import Testing
import ToolKit

@Suite("Contents that are kept by their hashes") struct ContentStoreTests {
    let folder: TemporaryFolder
    let store: ContentStore

    init() throws {
        folder = try TemporaryFolder()
        store = try ContentStore(folder: folder.path)
    }

    private static func sha256(_ bytes: [UInt8]) -> String { Hex.encode(SHA256.hash(data: bytes)) }

    private static func noise(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count / 8 + 1).flatMap { _ in
            withUnsafeBytes(of: generator.next() as UInt64) { Array($0) }
        }.prefix(count).map(\.self)
    }

    static let samples: [[UInt8]] = [
        [], [0], Array("a line\n".utf8), Array(repeating: 0x61, count: 127), Array(repeating: 0x61, count: 128),
        Array(repeating: 0x61, count: 300_000), noise(4_096), noise(300_000),
        (0..<700_000).map { UInt8(truncatingIfNeeded: $0 / 1_000) },
        noise(262_144) + Array(repeating: 0, count: 262_144),
    ]

    @Test("come back byte for byte, under the SHA-256 of what they are", arguments: samples.indices)
    func roundTrip(number: Int) throws {
        let bytes = Self.samples[number]
        let hash = try store.keep(bytes)
        #expect(hash == Self.sha256(bytes))
        #expect(store.holds(hash))
        #expect(try store.read(hash, limit: bytes.count + 1) == bytes)
        #expect(try store.read(hash, limit: 100) == Array(bytes.prefix(100)))
        try store.sync([hash])
        let file = try folder.file("out", [])
        #expect(try store.write(hash, to: file.fileDescriptor))
        #expect(try folder.bytes("out") == bytes)
    }

    @Test("of an open file are read from its beginning, wherever its offset is")
    func file() throws {
        let bytes = Self.noise(100_000)
        let file = try folder.file("in", bytes)
        lseek(file.fileDescriptor, 50_000, SEEK_SET)
        let kept = try store.keep(file: file.fileDescriptor)
        #expect(kept == (Self.sha256(bytes), bytes.count))
        #expect(lseek(file.fileDescriptor, 0, SEEK_CUR) == 50_000)
    }

    @Test("are stored once, and smaller where that is possible")
    func once() throws {
        let text = Array(String(repeating: "the same words again\n", count: 5_000).utf8)
        _ = try store.keep(text)
        let usage = store.usage
        #expect(usage.contents == 1 && usage.bytes < text.count / 10)
        _ = try store.keep(text)
        #expect(store.usage == usage)
        let picture = Self.noise(50_000)
        _ = try store.keep(picture)
        #expect(store.usage.bytes - usage.bytes < picture.count + 100)
    }

    @Test("are the same after the next start, and what a crash left half written is gone")
    func restart() throws {
        let hash = try store.keep(Array("kept".utf8))
        let usage = store.usage
        _ = try folder.file("new/.execlayer-0123456789abcdef.tmp", [1, 2, 3])
        let next = try ContentStore(folder: folder.path)
        #expect(next.usage == usage && next.holds(hash))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/new") == [])
    }

    @Test(
        "that are damaged on the disk are not given out, and can be kept again", arguments: ["cut", "changed", "empty"])
    func damage(how: String) throws {
        let text = Array(String(repeating: "0123456789", count: 1_000).utf8)
        let hash = try store.keep(text)
        let path = folder.path + "/" + hash.prefix(2) + "/" + hash
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        switch how {
        case "cut": data.removeLast(5)
        case "empty": data = Data()
        default: data[data.count / 2] ^= 1
        }
        try data.write(to: URL(fileURLWithPath: path))
        let file = try folder.file("out", [])
        #expect(try !store.write(hash, to: file.fileDescriptor))
        #expect(try store.keep(text) == hash)
        #expect(try store.read(hash, limit: 100_000) == text)
        #expect(store.usage.contents == 1)
    }

    @Test("are refused beyond the cap, which is named, and nothing of them is left")
    func cap() throws {
        let small = try ContentStore(
            folder: folder.path, limits: ContentStore.Limits(totalBytes: 20_000, contentBytes: 100_000))
        _ = try small.keep(Self.noise(10_000))
        let usage = small.usage
        #expect(code { _ = try small.keep(Self.noise(10_000)) } == "undo_store_full")
        #expect(code { _ = try small.keep(Self.noise(100_001)) } == "content_too_large")
        #expect(small.usage == usage)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/new") == [])
        _ = try small.keep(Self.noise(5_000))
    }

    @Test("give way when nobody needs them, but not before their calls can have said so")
    func room() throws {
        let clock = Clock()
        let store = try ContentStore(folder: folder.path, now: { clock.now })
        let hashes = try (0..<3).map { try store.keep(Self.noise(1_000 + $0)) }
        #expect(store.remove(hashes).contents == 0)
        clock.pass(.seconds(3_601))
        #expect(store.holds(hashes[0]))
        let gone = store.sweep(keeping: [hashes[1]])
        #expect(gone.contents == 1)
        #expect(store.holds(hashes[0]) && store.holds(hashes[1]) && !store.holds(hashes[2]))
        #expect(store.size(of: hashes[2]) == nil && store.size(of: hashes[1]).map { $0 > 1_000 } == true)
        clock.pass(.seconds(3_601))
        #expect(store.remove(hashes).contents == 2)
        #expect(store.usage == ContentStore.Usage())
    }

    @Test("give way at once when their call is settled, and not before, and not to who decided before that")
    func call() async throws {
        let clock = Clock()
        let store = try ContentStore(folder: folder.path, now: { clock.now })
        let call = CallEffects(.preview)
        let (kept, found) = (Self.noise(1_000), Self.noise(1_001))
        let earlier = try store.keep(found)
        clock.pass(.seconds(3_601))
        let hashes = try CallEffects.$underWay.withValue(call) { [try store.keep(kept), try store.keep(found)] }
        #expect(hashes[1] == earlier)
        clock.pass(.seconds(86_400))
        #expect(store.remove(hashes).contents == 0)
        let decided = clock.now
        clock.pass(.seconds(1))
        call.settle()
        #expect(store.remove(hashes, unlessWantedSince: decided).contents == 0)
        #expect(store.sweep(keeping: [], since: decided).contents == 0)
        clock.pass(.seconds(1))
        #expect(store.remove(hashes).contents == 2)
        #expect(store.usage == ContentStore.Usage())
    }

    @Test(
        "R2: are never looked for under anything but a hash", arguments: ["", "../../etc/passwd", "new/x", "AB", "ab/"])
    func names(hash: String) throws {
        #expect(!store.holds(hash))
        #expect(try store.read(hash, limit: 10) == nil)
        #expect(store.size(of: hash) == nil)
        store.remove([hash])
    }

    @Test("can be kept by many at once")
    func many() async throws {
        let contents = (0..<40).map { Array("content \($0 % 10)".utf8) }
        await withTaskGroup(of: Void.self) { group in
            for bytes in contents {
                group.addTask {
                    if let hash = try? store.keep(bytes) { try? store.sync([hash]) }
                }
            }
        }
        #expect(store.usage.contents == 10)
        for bytes in contents { #expect(try store.read(Self.sha256(bytes), limit: 100) == bytes) }
    }
}

/// A clock that goes when it is told to.
private final class Clock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }
    func pass(_ duration: Duration) { time.withLock { $0 += duration } }
}

/// Removed at its end.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/contents-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> FileHandle {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
        return try FileHandle(forUpdating: URL(fileURLWithPath: path + "/" + name))
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
    }
}

/// The code of the failure that `body` throws, `nil` when it throws none.
func code(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let failure as ToolFailure {
        return failure.code
    } catch {
        return "\(error)"
    }
}
