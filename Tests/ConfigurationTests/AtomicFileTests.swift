import Foundation
import Gate
import Testing

@Suite("A crash while a state file is written")
struct AtomicFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private struct Crash: Error {}

    @Test("R68: leaves the old file or the new one, whole, before every step", arguments: AtomicFile.Step.allCases)
    func oldOrNew(crashBefore: AtomicFile.Step) throws {
        try folder.save("old")
        #expect(throws: Crash.self) {
            try AtomicFile(folder.file).write(Array("new and longer".utf8)) { step in
                if step == crashBefore { throw Crash() }
            }
        }
        #expect(try folder.text() == (crashBefore == .syncFolder ? "new and longer" : "old"))
    }

    @Test("R68: cannot show a name whose content is not synced: content, name, folder in this order")
    func order() throws {
        try folder.save("old")
        var seen: [String] = []
        try AtomicFile(folder.file).write(Array("new".utf8)) { step in
            seen.append("\(step): \(try folder.text())")
        }
        #expect(seen == ["create: old", "write: old", "sync: old", "rename: old", "syncFolder: new"])
    }

    @Test("leaves a draft that the next write removes")
    func leftovers() throws {
        let draft = folder.path + "/." + ConfigurationFile.name + ".new"
        try "torn".write(toFile: draft, atomically: false, encoding: .utf8)
        try AtomicFile(folder.file).write(Array("new".utf8))
        #expect(try folder.names() == [ConfigurationFile.name])
        #expect(try folder.text() == "new")
    }

    @Test("is no reason to write through a link that somebody put in the draft's place")
    func draftLink() throws {
        let target = folder.path + "/outside"
        try "untouched".write(toFile: target, atomically: false, encoding: .utf8)
        let draft = folder.path + "/." + ConfigurationFile.name + ".new"
        try FileManager.default.createSymbolicLink(atPath: draft, withDestinationPath: target)
        try AtomicFile(folder.file).write(Array("new".utf8))
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "untouched")
        #expect(try folder.text() == "new")
    }
}

@Suite("A state file that somebody edits in the instant of its replacement")
struct ExchangeTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The last announcement before the two change places.
    private func write(over expected: [UInt8]?, meanwhile: () throws -> Void) throws {
        try AtomicFile(folder.file).write(Array("ours".utf8), over: .content(expected)) { step in
            if step == .rename { try meanwhile() }
        }
    }

    @Test("keeps the edit, and the write is refused")
    func edited() throws {
        try folder.save("old")
        #expect(throws: AtomicFile.Conflict.self) {
            try write(over: Array("old".utf8)) { try folder.save("edit") }
        }
        #expect(try folder.text() == "edit")
        #expect(try folder.names() == [ConfigurationFile.name])
    }

    @Test("keeps an edit in place of the same length and inode")
    func editedInPlace() throws {
        try folder.save("old")
        #expect(throws: AtomicFile.Conflict.self) {
            try write(over: Array("old".utf8)) {
                let handle = try #require(FileHandle(forWritingAtPath: folder.file))
                try handle.write(contentsOf: Data("odd".utf8))
                try handle.close()
            }
        }
        #expect(try folder.text() == "odd")
    }

    @Test("keeps a file that was made where none was")
    func made() throws {
        #expect(throws: AtomicFile.Conflict.self) { try write(over: nil) { try folder.save("edit") } }
        #expect(try folder.text() == "edit")
    }

    @Test("stays away when somebody removed it, and the write is refused")
    func removed() throws {
        try folder.save("old")
        #expect(throws: AtomicFile.Conflict.self) {
            try write(over: Array("old".utf8)) { try FileManager.default.removeItem(atPath: folder.file) }
        }
        #expect(try folder.names().isEmpty)
    }

    @Test("is replaced when nobody did (positive control)", arguments: [true, false])
    func control(isThere: Bool) throws {
        if isThere { try folder.save("old") }
        try write(over: isThere ? Array("old".utf8) : nil) {}
        #expect(try folder.text() == "ours")
        #expect(try folder.names() == [ConfigurationFile.name])
    }
}
