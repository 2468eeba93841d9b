import Testing
import ToolKit

@Suite("A name that steers git") struct ControlFilesTests {
    @Test(
        "R5: is protected however it is spelled",
        arguments: [
            ".git", ".git/config", "a/.git/hooks/pre-commit", ".GIT/config", ".Git", ".git.", ".git ", ".git. .",
            ".g\u{200C}it/config", "\u{FEFF}.git", ".gi\u{200D}t", "git~1", "GIT~1/config", "git~2",
            ".git::$INDEX_ALLOCATION", ".git:stream", "a\\.git\\config", ".\u{FF47}\u{FF49}\u{FF54}", ".git\u{00AD}",
        ])
    func protects(name: String) throws {
        #expect(ControlFiles.isProtected(try WorkspacePath(name)))
    }

    @Test(
        "R5: names that only look alike are free",
        arguments: [
            ".gitignore", ".github/workflows/ci.yml", ".gitattributes", "git", "digit", "a.git", ".gitmodules", "git~",
            "git~a", "größe.txt", ".gît",
        ])
    func leavesOthers(name: String) throws {
        #expect(!ControlFiles.isProtected(try WorkspacePath(name)))
    }
}
