import Foundation
import Gate
import Testing
import ToolKit

@Suite("A script for sed")
struct SedScriptTests {
    private let policy: Policy

    init() throws { policy = try MachineFixture.shared.get().policy }

    private func passes(_ script: String) throws -> Bool {
        try policy.judge(words: ["sed", "-n", script, "a"]).verdict == .allow
    }

    static let good = [
        "p", "5p", "1,20p", "$p", "$!p", "/a/p", "/a/,/b/p", "/a/,+3p", "0,/a/p", "2~3p", "5q", "5q3", "/a/{p;q}",
        "/a/{p\nq\n}", "s/a/b/", "s/a/b/gp", "s|a|b|2", "s/[^:]*:/x/", "s/[a-z]*\\/b/\\&/", "s#/usr#/opt#",
        "y/abc/xyz/",
        "/a/!d;p", "=", "n;p", "$!N;P;D", "s/[[:space:]]*$//;p", "/a/I,/b/p", "l", "x;G;p", "1!G;h;$!d", "5p;10q",
    ]

    static let bad = [
        "w x", "5w x", "/a/w x", "W x", "r /etc/passwd", "R x", "e", "1e id", "s/a/b/e", "s/a/b/ge", "s/a/b/w x",
        "s/a/b/gw x", "s/a/b/;w x", "{w x", "/a/{p;w x", "{p};e id", "s/a/b/\nw x", "F", "v", "b", ":a", "ta", "a x",
        "i\\x", "c x", "s/[]/]A/g;/w x/p", "s/[/]/x/", "s/[/e]/x/", "s/[\\]/]/x/", "s/[[.].]/]/x/", "s/a", "s/a/b",
        "s/a/b/x",
        "y/a/b", "5", "/a", "\\cacp", "s\na\nb\n", "s;a;b;", "s a b ", "p;;;w x", "p }", "}", "{p", "p w x", "s/a/b\n/",
        "s/a\\\n/b/",
        "1,p", "s/a/b/e;p", "sxaxbxe", "1~p", "u\u{301}", "p\u{301}", "s/a/b/\u{37e}w x",
    ]

    @Test("R12: that only prints passes", arguments: good)
    func prints(script: String) throws { #expect(try passes(script)) }

    @Test("R12: that writes, reads, executes or is not understood is denied", arguments: bad)
    func denied(script: String) throws { #expect(try !passes(script)) }

    @Test("R12: that passes writes nothing when the real sed runs it", arguments: good)
    func real(script: String) throws {
        try Folder.with { folder in
            try Data("a\nb a\nc:d\n/usr\n".utf8).write(to: URL(fileURLWithPath: folder + "/a"))
            try Run.output(["/usr/bin/sed", "-n", script, "a"], in: folder, mayFail: true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
        }
    }

    @Test("R12: random scripts that pass write and execute nothing when the real sed runs them")
    func random() throws {
        let pieces = [
            "s", "/", "[", "]", "^", "a", "\\", "w x", "e", ";", "p", "{", "}", "\n", "g", "|", "y", "1", ",", "&", "$",
            "[]", "[^", "touch x",
        ]
        try Folder.with { folder in
            try Data("a\n]\n/\n".utf8).write(to: URL(fileURLWithPath: folder + "/a"))
            var dice = SystemRandomNumberGenerator()
            var passed = 0
            for _ in 0..<60_000 where passed < 150 {
                let script =
                    "s/"
                    + (0..<Int.random(in: 2...14, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }
                    .joined()
                guard try passes(script) else { continue }
                passed += 1
                try Run.output(["/usr/bin/sed", script, "a"], in: folder, mayFail: true)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"], "\(script)")
            }
            #expect(passed > 20)
        }
    }
}
