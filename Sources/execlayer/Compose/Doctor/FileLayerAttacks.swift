internal import Foundation
internal import Gate
internal import Machine
internal import Synchronization
internal import ToolKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Links out of a workspace of doctor's own, against the file layer that every file tool uses (SECURITY R1).
struct FileLayerAttacks {
    func findings() async -> [DoctorFinding] {
        [await .attempt("paths beneath the root", standing), await .attempt("swapped links", swapped)]
    }

    private static let fix = "use Linux 5.6 or newer, and allow openat2 in the container's seccomp profile"

    /// A file inside must open, a link that leads outside must not.
    private func standing() throws -> DoctorFinding {
        let name = "paths beneath the root"
        let ground = try Ground()
        try FileManager.default.createSymbolicLink(
            atPath: ground.workspace + "/outside", withDestinationPath: ground.secret)
        guard try Data(contentsOf: URL(fileURLWithPath: ground.workspace + "/outside")) == Data("outside".utf8) else {
            throw Undecided("the link does not even lead out for others")
        }
        let files = try ground.files("real/file", "outside")
        guard (try? files.read(WorkspacePath("real/file"), offset: 0, limit: 7))?.bytes == Array("inside.".utf8) else {
            return DoctorFinding(name, .missing, "files cannot be opened beneath a folder", fix: Self.fix)
        }
        let leads = (try? files.read(WorkspacePath("outside"), offset: 0, limit: 1)) != nil
        return .attack(
            name, breaches: leads ? ["a link led out of the workspace"] : [],
            held: "a link that leads out of the workspace does not open", fix: "stop the daemon and report this")
    }

    /// A folder's name becomes a link that leads out and back, all the time, while it is read through.
    private func swapped() throws -> DoctorFinding {
        let ground = try Ground()
        let files = try ground.files("swap/file", "real/file")
        let place = try WorkspacePath("swap/file")
        let (isOver, hasEnded) = (Flag(), Flag())
        let swap = ground.workspace + "/swap"
        let next = ground.workspace + "/next"
        try FileManager.default.createSymbolicLink(atPath: swap, withDestinationPath: "real")
        let folder = (ground.secret as NSString).deletingLastPathComponent
        let swapper = Thread {
            while !isOver.isSet {
                for target in [folder, "real"] {
                    symlink(target, next)
                    rename(next, swap)
                }
            }
            hasEnded.set()
        }
        swapper.start()
        // The folder can only go when nobody makes links in it any more.
        defer {
            isOver.set()
            while !hasEnded.isSet { usleep(500) }
        }
        var reads = 0
        var (insideSeen, outsideSeen, breaches) = (false, false, 0)
        let end = ContinuousClock.now + .seconds(2)
        // Until the same link was seen leading both ways by a reader without care.
        while ContinuousClock.now < end, reads < 400 || !insideSeen || !outsideSeen {
            switch FileManager.default.contents(atPath: swap + "/file").map(Array.init) {
            case Array("outside".utf8): outsideSeen = true
            case Array("inside.".utf8): insideSeen = true
            default: break
            }
            if let slice = try? files.read(place, offset: 0, limit: 7), slice.bytes != Array("inside.".utf8) {
                breaches += 1
            }
            reads += 1
        }
        guard insideSeen, outsideSeen else { throw Undecided("the link was not swapped while it was read") }
        return .attack(
            "swapped links", breaches: breaches > 0 ? ["\(breaches) of \(reads) reads left the workspace"] : [],
            held: "\(reads) reads through a link that was swapped all the time, none of them outside",
            fix: "stop the daemon and report this")
    }

    /// A workspace with a file, and a secret beside it.
    private struct Ground {
        let scratch: ScratchFolder
        var workspace: String { scratch.path + "/workspace" }
        var secret: String { scratch.path + "/outside/file" }

        init() throws {
            scratch = try ScratchFolder()
            try scratch.write("inside.", to: "workspace/real/file")
            try scratch.write("outside", to: "outside/file")
        }

        func files(_ paths: String...) throws -> BeneathFiles {
            let places = try paths.map { Access.Place(try WorkspacePath($0), .read) }
            return BeneathFiles(
                root: try WorkspaceRoot(opening: workspace), access: Access(places: places), rules: Policy.empty)
        }
    }
}

/// Set once, seen by another thread.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}
