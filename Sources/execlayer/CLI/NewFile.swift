internal import Foundation

/// A file that was not there before.
enum NewFile {
    /// Mode 0600, because only its maker was meant to have it. What has the name already stays as it is, a link included.
    ///
    /// - Throws: ``CommandFailure``.
    static func make(_ path: String, _ bytes: [UInt8]) throws(CommandFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw errno == EEXIST
                ? CommandFailure(.failed, "\(path) exists already", remedy: "name another file with --save")
                : failure(path)
        }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let problem = failure(path)
                unlink(path)
                throw problem
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure(
            .failed, "\(path) cannot be written: \(String(cString: strerror(errno)))",
            remedy: "name a file in a folder that you may write to")
    }
}
