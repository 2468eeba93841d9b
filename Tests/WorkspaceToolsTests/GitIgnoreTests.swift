import Foundation
import Testing
import ToolKit

@testable import Tools

@Suite("A project with .gitignore files") struct GitIgnoreTests {
    /// `.gitignore` files by folder and the paths to ask about; a path that ends in a slash is a folder.
    struct Project: Sendable, CustomTestStringConvertible {
        let name: String
        let rules: [String: String]
        let paths: [String]
        var testDescription: String { name }

        init(_ name: String, _ rules: [String: String], _ paths: [String]) {
            self.name = name
            self.rules = rules
            self.paths = paths
        }

        init(_ name: String, _ rules: String, _ paths: [String]) { self.init(name, ["": rules], paths) }
    }

    static let projects: [Project] = [
        Project("names", "foo\n*.log\n", ["foo", "a/foo", "a.log", "a/b/c.log", "foo.txt", "log", ".log", "b.log/x"]),
        Project("anchored", "/foo\na/b\n", ["foo", "x/foo", "a/b", "x/a/b", "foo2", "a/bc"]),
        Project("folders only", "build/\n", ["build/x", "a/build/x", "c/d", "a/build2"]),
        Project("a file named like a folder rule", "build/\n", ["build", "a/build"]),
        Project("negation", "*.log\n!keep.log\n", ["a.log", "keep.log", "x/keep.log"]),
        Project("negation below an ignored folder", "out/\n!out/keep\n", ["out/keep", "out/x"]),
        Project("negation of a glob", "/*\n!/src\n", ["src/a", "other", "README"]),
        Project("later rules win", "!a\na\n!a\na\n!b\nb\n!b\n", ["a", "b"]),
        Project("leading stars", "**/foo\n**/bar/baz\n", ["foo", "a/b/foo", "bar/baz", "x/bar/baz", "baz"]),
        Project("trailing stars", "abc/**\n", ["abc/x", "abc/w/y", "x/abc/y", "abcd/x"]),
        Project("middle stars", "a/**/b\n", ["a/b", "a/x/b", "a/x/y/b", "ab", "a/xb", "x/a/b"]),
        Project(
            "stars inside a name", "foo**bar\na**/b\n/x/**y\n",
            ["foobar", "fooxbar", "foo/bar", "ax/b", "x/qy", "x/a/y"]),
        Project("three stars", "a/***/b\n***\n!***\n", ["a/b", "a/x/b", "q"]),
        Project("question marks", "?.txt\na?b\n", ["a.txt", "ab.txt", "a/b", "axb"]),
        Project(
            "classes", "[a-c].x\n[!a-c].y\n[^a-c].z\n[]].w\n[a-].v\n",
            ["b.x", "d.x", "b.y", "d.y", "b.z", "d.z", "].w", "-.v", "a.v"]),
        Project(
            "named classes", "[[:digit:]].x\n[[:alpha:][:digit:]_].y\n[[:nope:]].z\n",
            ["1.x", "a.x", "_.y", "a.y", "n.z", "-.y"]),
        Project("open class", "[abc\na[\n", ["[abc", "a", "a["]),
        Project(
            "escapes", "\\#a\n\\!b\nc\\*d\n\\f\ne\\ \ng\\\n", ["#a", "!b", "c*d", "cxd", "f", "e ", "e", "g", "g\\"]),
        Project("comments and blank lines", "# x\n\n   \n#y\nz # w\n", ["x", "z", "#y", "z # w", "   "]),
        Project("spaces at the end", "a  \nb\\ \nc d\ne \t\n", ["a", "a  ", "b ", "b", "c d", "e", "e \t"]),
        Project("carriage returns", "a\r\nb\\\r\nc\r", ["a", "b", "c"]),
        Project("byte order mark", "\u{FEFF}foo\n", ["foo"]),
        Project("no final newline", "foo\nbar", ["foo", "bar"]),
        Project("lonely signs", "/\n!\n//\n!/\n*/\n", ["a", "b/c"]),
        Project("double slash", "a//b\nc//\n", ["a/b", "c/d"]),
        Project("other scripts", "größe\n[ä].x\n?.y\nфайл*\n", ["größe", "ä.x", "ä.y", "файл1"]),
        Project("dot names", ".*\n!.keep\n", [".env", ".keep", "a/.b", "b"]),
        Project("anchored glob", "/*.c\ndoc/*.txt\n", ["a.c", "x/a.c", "doc/a.txt", "doc/x/a.txt", "x/doc/a.txt"]),
        Project(
            "nested files", ["": "*.log\n/only\n", "a": "!keep.log\n/only\nb/x\n", "a/b": "*.log\n!y.log\n"],
            ["a/keep.log", "keep.log", "a/b/keep.log", "a/b/y.log", "a/only", "only", "a/c/only", "a/b/x", "a/x"]),
        Project("nested below an ignored folder", ["": "a/\n", "a": "!x\n"], ["a/x", "b/x"]),
        Project("prefix", "ab\nabc/d\n", ["ab", "abc/d", "abc/de", "x/abc/d", "abcd"]),
        Project("prefix and folder", "a/b/\n", ["a/bc/x", "a/b/x"]),
        Project("empty segments of a glob", "*\n!*/\n!*.swift\n", ["a.swift", "b/c.swift", "b/c.txt", "d"]),
    ]

    @Test("is read as git reads it", arguments: projects)
    func agreesWithGit(_ project: Project) throws {
        #expect(try Self.ours(project) == Self.gits(project))
    }

    @Test("is read as git reads it when rules are made up", arguments: 0..<6)
    func agreesOnRandomRules(seed: UInt64) throws {
        var random = Lottery(state: seed &* 7_919 &+ 17)
        let pieces = [
            "a", "b", "ab", "*", "**", "?", "/", "/", "[ab]", "[!a]", "*.x", "/*.x", ".x", "\\a", "!", "**/", "/**",
        ]
        let names = ["a", "b", "ab", "a.x", "b.x", "ba"]
        let rules = (0..<12).map { _ in
            (0..<Int.random(in: 1...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "a" }
                .joined()
        }
        let paths = Set(
            (0..<60).map { _ in
                (0..<Int.random(in: 1...3, using: &random)).map { _ in names.randomElement(using: &random) ?? "a" }
                    .joined(separator: "/")
            })
        // A path is a file or a folder, never both.
        let usable = paths.filter { path in !paths.contains { $0.hasPrefix(path + "/") } }.sorted()
        for rule in rules {
            let project = Project("random", rule + "\n", usable)
            #expect(try Self.ours(project) == Self.gits(project), "rule \(rule)")
        }
    }

    @Test("a pattern with many stars costs no more than its length times the name's")
    func manyStars() throws {
        let rules = GitIgnore(Array((String(repeating: "*a", count: 500) + "b\n").utf8))
        let name = Array(String(repeating: "a", count: 250).utf8)
        let time = ContinuousClock().measure {
            #expect(rules.verdict(for: name[...], nameStart: 0, isFolder: false) == nil)
        }
        #expect(time < .seconds(2))
    }

    /// The paths that the walk leaves out.
    private static func ours(_ project: Project) throws -> [String] {
        let workspace = try Self.workspace(project)
        var seen: Set<String> = []
        _ = try ProjectWalk(context: workspace.context(), folder: .root).run { entry, _ in
            seen.insert(entry.path.description)
            return true
        }
        return project.paths.filter { !seen.contains($0) }.sorted()
    }

    private static func gits(_ project: Project) throws -> [String] {
        let workspace = try Self.workspace(project)
        _ = try git(["init", "-q"], in: workspace.root, input: "")
        let input = project.paths.joined(separator: "\0") + "\0"
        let output = try git(["check-ignore", "--no-index", "-z", "--stdin"], in: workspace.root, input: input)
        return output.split(separator: "\0").map(String.init).sorted()
    }

    private static func workspace(_ project: Project) throws -> FixtureWorkspace {
        var files = Dictionary(uniqueKeysWithValues: project.paths.map { ($0, "x") })
        for (folder, rules) in project.rules { files[folder.isEmpty ? ".gitignore" : folder + "/.gitignore"] = rules }
        return try FixtureWorkspace(files)
    }

    private static func git(_ arguments: [String], in folder: URL, input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["git", "-c", "core.excludesFile=/dev/null", "-c", "core.quotePath=false", "-C", folder.path] + arguments
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin", "HOME": "/nonexistent",
        ]
        let stdin = Pipe()
        let stdout = Pipe()
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        stdin.fileHandleForWriting.write(Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }
}

/// A generator that repeats itself for a seed.
struct Lottery: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
