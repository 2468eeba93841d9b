internal import Foundation

/// Where a value comes from when it does not stand on the command line.
enum InputSource: Sendable, Hashable {
    case standardInput
    case file(String)

    /// The most that is read; more is refused, not cut.
    static let limit = 16 << 20

    /// `-` is the standard input.
    init(_ text: String) { self = text == "-" ? .standardInput : .file(text) }

    func read() throws -> [UInt8] {
        let bytes: Data
        do {
            let handle =
                switch self {
                case .standardInput: FileHandle.standardInput
                case .file(let path): try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
                }
            bytes = try Self.collect(handle)
        } catch {
            throw CommandFailure(.usage, "cannot read \(name)", remedy: "name a readable file, or - for the input")
        }
        guard bytes.count <= Self.limit else {
            throw CommandFailure(.usage, "\(name) is larger than \(Self.limit >> 20) MiB", remedy: "pass less")
        }
        return Array(bytes)
    }

    private static func collect(_ handle: FileHandle) throws -> Data {
        var bytes = Data()
        while bytes.count <= limit, let more = try handle.read(upToCount: 1 << 20), !more.isEmpty {
            bytes.append(more)
        }
        return bytes
    }

    private var name: String {
        switch self {
        case .standardInput: "the standard input"
        case .file(let path): path
        }
    }
}
