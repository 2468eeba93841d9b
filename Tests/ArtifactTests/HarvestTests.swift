internal import Foundation
internal import Testing
internal import ToolKit

@Suite("What a hostile program left in its folder")
struct HarvestTests {
    @Test("control: regular files that were asked for are kept, with their bytes, and no others")
    func regular() async throws {
        let folder = try HostileFolder()
        try folder.write("deep", to: "out/a/b.txt")
        try folder.write("no", to: "other/c.txt")
        let keeper = MemoryKeeper()
        let kept = try await folder.gather("good.txt", "out/**/*.txt", into: keeper)
        #expect(kept.names == ["good.txt", "out/a/b.txt"])
        #expect(keeper.kept["out/a/b.txt"] == Array("deep".utf8))
        #expect(kept.omitted == 0)
    }

    @Test("a folder's name keeps everything below it")
    func folder() async throws {
        let folder = try HostileFolder()
        try folder.write("1", to: "out/one")
        try folder.write("2", to: "out/in/two")
        #expect(try await folder.gather("out").names == ["out/in/two", "out/one"])
    }

    @Test("R1: a link to a file outside is not followed, and said by name")
    func link() async throws {
        let folder = try HostileFolder()
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "/etc/passwd")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/near", withDestinationPath: "good.txt")
        let kept = try await folder.gather("*")
        #expect(kept.names == ["good.txt"])
        #expect(kept.reason("link")?.contains("link") == true)
        #expect(kept.reason("near")?.contains("link") == true)
    }

    @Test("R1: a linked folder is not entered, by whichever pattern", arguments: ["out/passwd", "out", "**", "out/**"])
    func linkedFolder(pattern: String) async throws {
        let folder = try HostileFolder()
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/out", withDestinationPath: "/etc")
        let kept = try await folder.gather(pattern, "good.txt")
        #expect(kept.names == ["good.txt"])
        #expect(kept.reason("out")?.contains("link") == true)
    }

    @Test("a FIFO and a socket are refused by name, and nobody waits for their other end")
    func special() async throws {
        let folder = try HostileFolder()
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array((folder.path + "/sock").utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        let kept = try await folder.gather("*")
        #expect(kept.names == ["good.txt"])
        #expect(kept.reason("pipe")?.contains("FIFO") == true)
        #expect(kept.reason("sock")?.contains("FIFO, socket or device") == true)
    }

    @Test("a device is not opened", .enabled("only root can make one") { geteuid() == 0 })
    func device() async throws {
        let folder = try HostileFolder()
        // The device that never ends.
        try #require(mknod(folder.path + "/zero", S_IFCHR | 0o666, dev_t(0x105)) == 0)
        let kept = try await folder.gather("*")
        #expect(kept.names == ["good.txt"])
        #expect(kept.reason("zero")?.contains("device") == true)
    }

    @Test("each name of a file with several is a file, within the same bounds")
    func hardLinks() async throws {
        let folder = try HostileFolder()
        for number in 0..<8 {
            #expect(Glibc.link(folder.path + "/good.txt", folder.path + "/hard\(number)") == 0)
        }
        let kept = try await folder.gather("*", into: MemoryKeeper(files: 3))
        #expect(kept.names == ["good.txt", "hard0", "hard1"])
        #expect(kept.omissions.contains { $0.reason == "that is enough" })
    }

    @Test("a sparse giant is refused by its size and not read")
    func sparse() async throws {
        let folder = try HostileFolder()
        let file = open(folder.path + "/giant", O_WRONLY | O_CREAT, 0o600)
        #expect(ftruncate(file, 1 << 40) == 0)
        close(file)
        let kept = try await folder.gather("*")
        #expect(kept.names == ["good.txt"])
        #expect(kept.reason("giant") == "it is larger than 1 MiB")
    }

    @Test("names that are no text or hold control characters are refused, and shown harmless")
    func names() async throws {
        let folder = try HostileFolder()
        try folder.write("x", to: "line\nfeed")
        try folder.write("x", to: "esc\u{1B}[2Jape")
        try folder.write(rawName: [0x61, 0xFF, 0xFE])
        let kept = try await folder.gather("**")
        #expect(kept.names == ["good.txt"])
        #expect(kept.omitted == 3)
        #expect(kept.omissions.allSatisfy { !$0.name.contains("\n") && !$0.name.contains("\u{1B}") })
        #expect(kept.reason("a\u{FFFD}\u{FFFD}") == "its name is not UTF-8")
    }

    @Test("more files than anybody looks at end the search with a word, and a file that is named is found all the same")
    func many() async throws {
        let folder = try HostileFolder()
        for number in 0..<20_500 {
            let file = open(folder.path + "/f\(number)", O_WRONLY | O_CREAT, 0o600)
            close(file)
        }
        let all = try await folder.gather("*", into: MemoryKeeper(files: 5))
        #expect(all.artifacts.count == 5)
        let none = try await folder.gather("*.html")
        #expect(none.artifacts.isEmpty)
        #expect(none.omissions.contains { $0.reason.contains("20000") })
        #expect(none.reason("*.html") == "it was not looked for to the end")
        #expect(try await folder.gather("good.txt").names == ["good.txt"])
    }

    @Test("folders without end are followed so far and no further")
    func deep() async throws {
        let folder = try HostileFolder()
        try folder.write("x", to: Array(repeating: "d", count: 60).joined(separator: "/") + "/x.txt")
        let kept = try await folder.gather("**/*.txt")
        #expect(kept.names == ["good.txt"])
        #expect(kept.omissions.contains { $0.reason == "it lies more than 32 folders deep" })
    }

    @Test("what nobody may read is said", .enabled("root may read everything") { geteuid() != 0 })
    func unreadable() async throws {
        let folder = try HostileFolder()
        try folder.write("x", to: "shut")
        chmod(folder.path + "/shut", 0)
        #expect(try await folder.gather("*").reason("shut") == "it cannot be read")
    }

    @Test("a pattern that nothing matches is said by name")
    func nothing() async throws {
        let kept = try await HostileFolder().gather("report.html", "good.txt")
        #expect(kept.names == ["good.txt"])
        #expect(kept.reason("report.html") == "no file matches")
    }

    @Test("what is left out is listed to a bound and counted beyond it")
    func listedToABound() throws {
        var kept = KeptFiles()
        for number in 0..<70 { kept.omit("\(number)", "why") }
        #expect(kept.members["not_kept"]?.arrayValue?.count == 50)
        #expect(kept.members["not_kept_count"] == 70)
    }
}

@Suite("A pattern of files to keep")
struct KeepPatternTests {
    @Test(
        "is relative to the program's folder, however it is spelled",
        arguments: ["a/b", "./a//b/", "/home/sandbox/a/b", "a/./b"])
    func spellings(text: String) throws {
        let pattern = try KeepPattern(text)
        #expect(pattern.text == "a/b")
        #expect(pattern.matches([Array("a".utf8), Array("b".utf8)]))
        #expect(!pattern.matches([Array("a".utf8)]))
    }

    @Test(
        "that leaves the folder, is nothing or cannot be read is refused",
        arguments: ["/etc/passwd", "/home/sandboxed", "../x", "a/../../x", "", ".", "/", "a\nb", "a[b", "x\\"])
    func refused(text: String) {
        #expect(throws: ToolFailure.self) { try KeepPattern(text) }
    }
}
