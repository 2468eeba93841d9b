#if os(Linux)
    import Foundation
    import Sandbox
    import Surroundings
    import Testing
    import ToolKit

    @testable import Machine

    @Suite(
        "Places that are hidden from programs",
        .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
    struct HiddenPlacesTests {
        private struct Hiding: PathRules {
            var version: String
            var names: Set<String>

            func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict {
                path.name.map(names.contains) == true ? .ask : .allow
            }
        }

        private func masks(_ places: HiddenPlaces, _ rules: Hiding) throws -> [String] {
            try places.hiding(under: rules, masked: [], trusting: []).masks.map {
                ($0.path as NSString).lastPathComponent
            }
        }

        @Test("R26: a policy that changed is in force at once, one that did not is not asked again for a while")
        func version() throws {
            let workspace = try Workspace()
            for name in ["one", "two"] { try workspace.put(name) }
            let places = HiddenPlaces(root: workspace.root, copies: nil)
            #expect(try masks(places, Hiding(version: "1", names: ["one"])) == ["one"])
            // The control: what was found is remembered under the same version.
            #expect(try masks(places, Hiding(version: "1", names: ["two"])) == ["one"])
            #expect(try masks(places, Hiding(version: "2", names: ["one", "two"])) == ["one", "two"])
            #expect(try masks(places, Hiding(version: "3", names: [])) == [])
        }
    }
#endif
