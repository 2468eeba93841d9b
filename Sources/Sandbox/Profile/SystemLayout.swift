#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// How the host's `/bin`, `/sbin`, `/lib` and `/lib64` are made: part of the input of ``BubblewrapFlags``.
package struct SystemLayout: Sendable, Hashable {
    package enum Entry: Sendable, Hashable {
        /// `/bin` is a link to `usr/bin`: shown as the same link.
        case link
        case folder
        case missing
    }

    package var bin: Entry
    package var sbin: Entry
    package var lib: Entry
    package var lib64: Entry

    package init(bin: Entry, sbin: Entry, lib: Entry, lib64: Entry) {
        self.bin = bin
        self.sbin = sbin
        self.lib = lib
        self.lib64 = lib64
    }

    /// Everything moved into `/usr`, as on Debian, Fedora and Arch.
    package static let merged = SystemLayout(bin: .link, sbin: .link, lib: .link, lib64: .link)

    var entries: [(name: String, entry: Entry)] { [("bin", bin), ("sbin", sbin), ("lib", lib), ("lib64", lib64)] }

    package static func ofThisHost() -> SystemLayout {
        func entry(_ name: String) -> Entry {
            var status = stat()
            guard lstat("/" + name, &status) == 0 else { return .missing }
            switch status.st_mode & S_IFMT {
            case S_IFLNK: return .link
            case S_IFDIR: return .folder
            default: return .missing
            }
        }
        return SystemLayout(bin: entry("bin"), sbin: entry("sbin"), lib: entry("lib"), lib64: entry("lib64"))
    }
}
