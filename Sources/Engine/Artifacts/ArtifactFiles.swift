internal import CPlatform
internal import Crypto
internal import ToolKit

/// The folder that holds the bytes of artifacts: one file for each, mode 0600, named by its id. What is being written has
/// another name, so a file that goes by an id is whole.
struct ArtifactFiles: Sendable {
    struct Failure: Error {
        /// Positive, as the system names it.
        let number: Int32
        var isFullDisk: Bool { number == 28 || number == 122 }
    }

    struct Draft {
        let id: String
        let size: Int
        let sha256: String
    }

    private static let draftSuffix = ".part"
    private static let piece = 256 << 10

    private let folder: OpenFolder

    /// - Parameter path: An existing folder.
    init(in path: String) throws(Failure) { folder = OpenFolder(try Self.check(cp_open_root(path))) }

    var freeBytes: Int { Int(max(0, cp_free_bytes(folder.descriptor))) }

    /// Copies at most `limit` bytes; they are on disk when this returns, but not yet under their id.
    ///
    /// - Throws: ``Failure``, ``ArtifactRefusal`` when there is more, or what the source throws; nothing is left then.
    func write(_ id: String, from source: any ArtifactSource, upTo limit: Int) throws -> Draft {
        let name = id + Self.draftSuffix
        let descriptor = try Self.check(cp_create_in(folder.descriptor, name))
        defer { cp_close(descriptor) }
        do {
            var hash = SHA256()
            var size = 0
            let watch = HoneytokenWatch.underWay
            var reading = watch?.tokens.reading()
            while true {
                let bytes = try source.read(offset: size, count: Self.piece)
                guard !bytes.isEmpty else { break }
                size += bytes.count
                guard size <= limit else { throw ArtifactRefusal("it is larger than \(limit >> 20) MiB") }
                hash.update(data: bytes)
                bytes.withUnsafeBytes { reading?.add($0) }
                _ = try Self.check(bytes.withUnsafeBytes { cp_write_all(descriptor, $0.baseAddress, $0.count) })
            }
            // Whoever fetches it would have the value.
            if let watch, let reading, !reading.seen.isEmpty {
                watch.conclude(reading, in: .file)
                throw ArtifactRefusal("it holds a false credential that is planted in the sandbox")
            }
            _ = try Self.check(cp_sync(descriptor))
            return Draft(id: id, size: size, sha256: Hex.encode(hash.finalize()))
        } catch {
            _ = cp_unlink_in(folder.descriptor, name)
            throw error
        }
    }

    /// Gives it its id, durably.
    func publish(_ draft: Draft) throws(Failure) {
        _ = try Self.check(cp_rename_new_in(folder.descriptor, draft.id + Self.draftSuffix, draft.id))
        _ = try Self.check(cp_sync(folder.descriptor))
    }

    func discard(_ draft: Draft) {
        _ = cp_unlink_in(folder.descriptor, draft.id + Self.draftSuffix)
        remove(draft.id)
    }

    /// One that is not there is gone already.
    func remove(_ id: String) { _ = cp_unlink_in(folder.descriptor, id) }

    /// - Parameter id: Of the form of an id, see SECURITY R66.
    func open(_ id: String) throws(Failure) -> ArtifactFile {
        let file = ArtifactFile(try Self.check(cp_open_in(folder.descriptor, id, CP_OPEN_READ)))
        var facts = cp_facts()
        _ = try Self.check(cp_descriptor_facts(file.descriptor, &facts))
        guard facts.kind == UInt32(CP_KIND_FILE) else { throw Failure(number: 2) }
        return file
    }

    /// Every name in the folder.
    func names() throws(Failure) -> [String] {
        var listing = cp_listing()
        let result = cp_list_folder(folder.descriptor, 1_000_000, &listing)
        defer { cp_listing_free(&listing) }
        _ = try Self.check(result)
        guard let names = listing.names, let offsets = listing.offsets else { return [] }
        return (0..<listing.count).compactMap { String(validatingCString: names + Int(offsets[$0])) }
    }

    static func check(_ result: Int32) throws(Failure) -> Int32 {
        guard result >= 0 else { throw Failure(number: -result) }
        return result
    }
}

private final class OpenFolder: Sendable {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { cp_close(descriptor) }
}

/// A kept file, open: it stays readable when it gives way meanwhile.
package final class ArtifactFile: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { cp_close(descriptor) }

    /// At most `count` bytes from `offset`; fewer only at the end. Blocks.
    package func read(offset: Int, count: Int) throws -> [UInt8] {
        var result: Int64 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            result = cp_read_at(descriptor, buffer.baseAddress, count, Int64(offset))
            initialized = max(0, Int(result))
        }
        guard result >= 0 else { throw ArtifactFiles.Failure(number: Int32(-result)) }
        return bytes
    }
}
