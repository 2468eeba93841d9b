import Foundation
import Glibc
import Machine
import Surroundings
import Testing
import ToolKit

@Suite(
    "An effect on files of somebody else",
    .enabled(if: !Surroundings.isInsideSandbox && geteuid() == 0, "only root can give files to others"), .serialized)
struct OwnerTests {
    static let user: uid_t = 65_534

    private static func give(_ folder: String) {
        chown(folder, user, user)
        for name in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
            lchown(folder + "/" + name, user, user)
        }
    }

    @Test("leaves them theirs: what is replaced, what is new, what comes back")
    func asRoot() throws {
        let ground = try Ground()
        let effect = try ApplyTests.everything(on: ground)
        Self.give(ground.path)
        try ground.applier().apply(effect, id: "x", keepsBefore: true)
        func strangers() -> [String] {
            ground.tree.entries.keys.map { String(decoding: $0, as: UTF8.self) }
                .filter { ground.status($0).st_uid != Self.user || ground.status($0).st_gid != Self.user }
        }
        #expect(strangers() == [])
        try ground.applier().apply(effect.inverse, id: "x", keepsBefore: true)
        #expect(strangers() == [])
    }

    @Test("under a daemon without privileges works on its own files, closed folders included")
    func unprivileged() async throws {
        let ground = try Ground()
        let effect = try ApplyTests.everything(on: ground)
        let before = ground.tree
        try Data(JSONWriter.write(effect.json)).write(to: URL(fileURLWithPath: ground.base + "/effect.json"))
        Self.give(ground.base)
        let base = ground.base
        await #expect(processExitsWith: .success) { [base = base as String] in
            let ground = try Self.become(at: base)
            let effect = try #require(
                try Effect(json: JSONReader.read(Data(contentsOf: URL(fileURLWithPath: base + "/effect.json")))))
            for _ in 0..<2 {
                try ground.applier().apply(effect, id: "x", keepsBefore: true)
                try ground.applier().apply(effect.inverse, id: "x", keepsBefore: true)
            }
        }
        let touched = Set(effect.files.map(\.path.bytes))
        #expect(ground.tree.withoutTimes(of: touched) == before.withoutTimes(of: touched))
        #expect(ground.remains == [])
    }

    @Test("under a daemon without privileges is refused where it may not write, and changes nothing")
    func denied() async throws {
        let ground = try Ground()
        try ground.put("own/a.txt", "a")
        try ground.put("root/b.txt", "b")
        try ground.put("secret.txt", "s", mode: 0o600)
        Self.give(ground.base)
        for name in ["root", "root/b.txt", "secret.txt"] { chown(ground.path + "/" + name, 0, 0) }
        let base = ground.base
        let before = ground.tree
        await #expect(processExitsWith: .success) { [base = base as String] in
            let ground = try Self.become(at: base)
            let new = try ground.file("new")
            let own = try FileEffect("own/a.txt", try ground.file("a"), new)
            let others = [
                try FileEffect("root/b.txt", try ground.file("b"), new), try FileEffect("root/c.txt", nil, new),
                try FileEffect("root/b.txt", try ground.file("b"), nil),
                try FileEffect("root/b.txt", try ground.file("b"), try ground.file("b", mode: 0o755)),
                try FileEffect("secret.txt", try ground.file("s", mode: 0o600), new),
            ]
            for other in others {
                #expect(
                    code { try ground.applier().apply(Effect(files: [own, other]), id: "x", keepsBefore: true) }
                        == "permission_denied")
            }
        }
        #expect(ground.tree == before && ground.remains == [])
    }

    private static func become(at base: String) throws -> Ground {
        setgroups(0, nil)
        #expect(setgid(user) == 0 && setuid(user) == 0)
        return try Ground(at: base)
    }
}
