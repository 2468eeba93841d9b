import Foundation
import Testing
import ToolKit

@testable import Sandbox

extension BehindBothWalls {
    /// Another call may write to a folder on the way, so it can put a link there between the moment a path was judged and
    /// the moment it is mounted. The tests do so in between, at leisure.
    @Suite("A folder that is exchanged between judge and mount")
    struct LandmarkTests {
        /// A workspace with `build/p/out`, and another place of the host with a folder `out` of its own.
        private final class Place {
            let cage: Cage
            let elsewhere: String
            var out: String { cage.workspace + "/build/p/out" }

            init() throws {
                cage = try Cage()
                elsewhere = FileManager.default.temporaryDirectory.path + "/elsewhere-" + UUID().uuidString
                for folder in [cage.workspace + "/build/p/out", cage.workspace + "/build/q/out", elsewhere + "/out"] {
                    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                    chmod(folder, 0o777)
                }
                try Data("of the host".utf8).write(to: URL(fileURLWithPath: elsewhere + "/out/secret"))
            }

            func profile(_ change: (inout Profile) -> Void) -> Profile {
                var profile = cage.profile
                profile.workspace = .readOnly(cage.workspace)
                change(&profile)
                return profile
            }

            /// `build/p` becomes a link that leads to `target`, as bubblewrap resolves it.
            func exchange(for target: String) throws {
                try FileManager.default.moveItem(
                    atPath: cage.workspace + "/build/p", toPath: cage.workspace + "/build/was")
                try FileManager.default.createSymbolicLink(
                    atPath: cage.workspace + "/build/p", withDestinationPath: target)
            }

            /// From `build` up to the host's root.
            var relative: String {
                let depth = (cage.workspace + "/build").split(separator: "/").count
                return String(repeating: "../", count: depth) + elsewhere.dropFirst()
            }

            func run(_ script: String, in profile: Profile) async throws -> CallEnd {
                try await cage.pool.run(cage.call("/bin/sh", ["-c", script]), in: profile)
            }

            func close() async {
                await cage.close()
                try? FileManager.default.removeItem(atPath: elsewhere)
            }
        }

        @Test(
            "R33: is not written through, neither to another place of the host nor within the workspace",
            arguments: [true, false])
        func writable(isOutside: Bool) async throws {
            let place = try Place()
            let profile = place.profile { profile in
                profile.writableFolders = [place.out]
                profile.landmarks = [.init(place.out, FileIdentity(of: place.out))]
            }
            // The control: as long as nobody exchanges it, it is written to.
            #expect(try await place.run("echo x > build/p/out/made", in: profile).isSuccess)
            #expect(FileManager.default.fileExists(atPath: place.out + "/made"))
            try place.exchange(for: isOutside ? place.relative : "q")
            var later = profile
            later.scratch.files -= 1
            let failure = await #expect(throws: ToolFailure.self) {
                try await place.run("echo x > build/p/out/escaped; cat build/p/out/secret", in: later)
            }
            #expect(failure?.code == "workspace_changed")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.elsewhere + "/out") == ["secret"])
            let other = place.cage.workspace + "/build/q/out"
            #expect(try FileManager.default.contentsOfDirectory(atPath: other).isEmpty)
            await place.close()
        }

        @Test("R33: another real folder in its place is noticed as well")
        func decoy() async throws {
            let place = try Place()
            let profile = place.profile { profile in
                profile.writableFolders = [place.cage.workspace + "/build"]
                profile.protectedPaths = [place.out]
                profile.landmarks = [.init(place.out, FileIdentity(of: place.out))]
            }
            try FileManager.default.moveItem(
                atPath: place.cage.workspace + "/build/p", toPath: place.cage.workspace + "/build/was")
            try FileManager.default.moveItem(
                atPath: place.cage.workspace + "/build/q", toPath: place.cage.workspace + "/build/p")
            let failure = await #expect(throws: ToolFailure.self) {
                try await place.run("echo x > build/was/out/unprotected", in: profile)
            }
            #expect(failure?.code == "workspace_changed")
            #expect(!FileManager.default.fileExists(atPath: place.cage.workspace + "/build/was/out/unprotected"))
            await place.close()
        }

        @Test("R26: a mask that would lie on something else is noticed")
        func mask() async throws {
            let place = try Place()
            let secret = place.out + "/.env"
            try Data("password".utf8).write(to: URL(fileURLWithPath: secret))
            try Data().write(to: URL(fileURLWithPath: place.cage.workspace + "/build/q/out/.env"))
            let profile = place.profile { profile in
                profile.masks = [.file(secret)]
                profile.landmarks = [.init(secret, nil)]
            }
            #expect(try await place.run("cat build/p/out/.env", in: profile).stdout.text == "")
            try place.exchange(for: "q")
            var later = profile
            later.scratch.files -= 1
            let failure = await #expect(throws: ToolFailure.self) {
                try await place.run("cat build/was/out/.env", in: later)
            }
            #expect(failure?.code == "workspace_changed")
            await place.close()
        }
    }
}
