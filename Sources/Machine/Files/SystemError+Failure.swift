internal import ToolKit

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

extension SystemError {
    static let noEntry = SystemError(number: ENOENT)
    static let exists = SystemError(number: EEXIST)
    static let isLink = SystemError(number: ELOOP)
    static let notAFolder = SystemError(number: ENOTDIR)
    static let notPermitted = SystemError(number: EPERM)
    static let accessDenied = SystemError(number: EACCES)
    static let notEmpty = SystemError(number: ENOTEMPTY)
    static let noSpace = SystemError(number: ENOSPC)
    static let noMemory = SystemError(number: ENOMEM)
    static let tooLarge = SystemError(number: EFBIG)
    static let badDescriptor = SystemError(number: EBADF)
    static let tryAgain = SystemError(number: EAGAIN)

    /// Whether the file system does not know the operation at all.
    var isUnsupported: Bool { [EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP].contains(number) }

    /// What it means for the file that was asked for.
    func failure(for path: WorkspacePath) -> ToolFailure {
        switch number {
        case ENOENT: FileFailure.notFound(path)
        case ENOTDIR: FileFailure.notAFolder(path.parent)
        case EISDIR: FileFailure.notAFile(path, "a folder")
        case ENXIO, ENODEV: FileFailure.notAFile(path, FileFacts.Kind.special.spokenName)
        case EXDEV: FileFailure.leavesWorkspace(path)
        case ELOOP: FileFailure.badLink(path)
        case EACCES, EPERM: FileFailure.denied(path)
        case EROFS: FileFailure.readOnly(path)
        case ENOSPC, EDQUOT: FileFailure.noSpace(path)
        case EEXIST: FileFailure.conflict(path)
        case ENAMETOOLONG:
            ToolFailure(
                "name_too_long", "\(path) is longer than the file system allows", remedy: "use a shorter name")
        case EFBIG:
            ToolFailure(
                "file_too_large", "\(path) would be larger than the file system allows", remedy: "write less")
        case EAGAIN:
            ToolFailure(
                "busy", "the folders on the way to \(path) keep changing",
                remedy: "repeat the call when nobody is moving them")
        case EMFILE, ENFILE, ENOMEM:
            ToolFailure(
                "out_of_resources", "this machine has no file descriptors or memory left to open \(path)",
                remedy: "repeat the call later")
        case ENOSYS:
            ToolFailure(
                "unsupported_system", "this system cannot open a file strictly beneath a folder",
                remedy: "use Linux 5.6 or newer, and let openat2 pass if a container filters system calls")
        default:
            ToolFailure(
                "io_error", "the file system failed on \(path) (error \(number))",
                remedy: "look at the system's log for the disk")
        }
    }
}

/// Turns what the system said about `path` into what the caller is told.
func naming<T>(_ path: WorkspacePath, _ body: () throws(SystemError) -> T) throws(ToolFailure) -> T {
    do throws(SystemError) {
        return try body()
    } catch {
        throw error.failure(for: path)
    }
}
