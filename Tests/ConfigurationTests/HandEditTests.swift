import Foundation
import Gate
import Testing
import ToolKit

@Suite("A hand edit of the configuration file")
struct HandEditTests {
    let folder: TemporaryFolder
    let file: ConfigurationFile

    init() throws {
        folder = try TemporaryFolder()
        try folder.save("{\"max_steps_per_run\": 5}")
        file = try ConfigurationFile(path: folder.file)
    }

    /// One word an event, for comparison.
    private func poll() -> [String] {
        file.poll().map { event in
            switch event {
            case .changed(let before, let after):
                "\(before.configuration.maxStepsPerRun) -> \(after.configuration.maxStepsPerRun)"
            case .broken(let problem): problem
            case .mended: "mended"
            }
        }
    }

    @Test("is picked up once, with what was before")
    func pickedUp() throws {
        #expect(poll().isEmpty)
        try folder.save("{\"max_steps_per_run\": 6}")
        #expect(poll() == ["5 -> 6"])
        #expect(file.current.maxStepsPerRun == 6)
        #expect(poll().isEmpty)
    }

    @Test("is picked up when size and inode stay and the time hardly moves")
    func inPlace() throws {
        for (before, after) in zip(5..<9, 6..<10) {
            let handle = try #require(FileHandle(forWritingAtPath: folder.file))
            try handle.write(contentsOf: Data("{\"max_steps_per_run\": \(after)}".utf8))
            try handle.close()
            #expect(poll() == ["\(before) -> \(after)"])
        }
    }

    @Test("that is broken leaves the last good one in force, says so once, and heals")
    func broken() throws {
        try folder.save("{\n\"max_steps_per_run\": 0}")
        let problem = "line 2: max_steps_per_run must be from 1 to 10000"
        #expect(poll() == [problem])
        #expect(poll().isEmpty)
        #expect(file.problem == problem)
        #expect(file.current.maxStepsPerRun == 5)
        try folder.save("{\"max_steps_per_run\": 5}")
        #expect(poll() == ["mended"])
        #expect(file.problem == nil)
        try folder.save("{\"max_steps_per_run\": 8}")
        #expect(poll() == ["5 -> 8"])
    }

    @Test("that removes the file does not bring back the defaults")
    func removed() throws {
        try FileManager.default.removeItem(atPath: folder.file)
        #expect(poll() == ["was removed; what it held stays in force"])
        #expect(file.current.maxStepsPerRun == 5)
        try file.patch(["dry_run_default": true])
        #expect(file.problem == nil)
        #expect(try ConfigurationFile(path: folder.file).current.maxStepsPerRun == 5)
    }

    @Test("that is broken is not overwritten by a change")
    func brokenThenPatch() throws {
        let edit = "{\"max_steps_per_run\": 77,"
        try folder.save(edit)
        let refusal = try #require(throws: ConfigurationRefusal.self) { try file.patch(["dry_run_default": true]) }
        #expect(refusal.code == "config_file_broken")
        #expect(refusal.httpStatus == 409)
        #expect(try folder.text() == edit)
        #expect(!file.current.dryRunDefault)
    }

    @Test("that nobody has looked at yet survives a change, and is still reported")
    func editThenPatch() throws {
        try folder.save("{\"max_steps_per_run\": 77}")
        let change = try file.patch(["dry_run_default": true])
        #expect(change.before.maxStepsPerRun == 77)
        #expect(change.after.maxStepsPerRun == 77)
        #expect(poll() == ["5 -> 77"])
        #expect(try JSONReader.read(try folder.text())["max_steps_per_run"] == 77)
    }

    @Test("made while a change is being written wins, and the change is refused")
    func editDuringPatch() throws {
        let refusal = try #require(throws: ConfigurationRefusal.self) {
            try file.patch(["dry_run_default": true]) { _ in try folder.save("{\"max_steps_per_run\": 78}") }
        }
        #expect(refusal == .editedMeanwhile)
        #expect(poll() == ["5 -> 78"])
        #expect(!file.current.dryRunDefault)
    }

    @Test("by the daemon itself is no hand edit")
    func own() throws {
        try file.patch(["max_steps_per_run": 9])
        #expect(poll().isEmpty)
    }
}
