internal import Foundation
internal import ToolKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One writer for each home. The lock is the kernel's, so it ends with the process however that ends; the file's text
/// only says who holds it.
struct HomeLock: ~Copyable, Sendable {
    private let descriptor: Int32

    /// - Throws: ``HomeInUse`` that names the holder, ``HomeProblem`` when the file cannot be opened.
    init(of home: Home) throws {
        let descriptor = open(home.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw HomeProblem(
                message: "the lock file \(home.lock) cannot be opened", remedy: "let this user write there")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Self.holder(of: home)
        }
        self.descriptor = descriptor
        announce(base: nil)
    }

    /// Says who holds the lock, and where it answers.
    func announce(base: String?) {
        let text: JSONValue = ["pid": .integer(Int(getpid())), "base": JSONValue(base)]
        let bytes = JSONWriter.write(text)
        // What cannot be said is not needed: the lock itself holds.
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, bytes, bytes.count, 0)
    }

    deinit { close(descriptor) }

    private static func holder(of home: Home) -> HomeInUse {
        // Read while its owner may be writing it: what cannot be read is not known.
        let text = (try? String(contentsOfFile: home.lock, encoding: .utf8)).flatMap { try? JSONReader.read($0) }
        let pid = text?["pid"]?.integerValue
        return HomeInUse(
            holder: pid.map { "another execlayer, pid \($0)" } ?? "another execlayer", base: text?["base"]?.stringValue)
    }
}
