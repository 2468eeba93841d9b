import Foundation
import Machine
import Testing
import ToolKit
import Tools

@Suite("The real machine") struct LocalHostFactsTests {
    private func facts(_ aspects: Access.HostAspect...) -> LocalHostFacts {
        LocalHostFacts(access: Access(hostAspects: Set(aspects)), workspaceRoot: NSTemporaryDirectory())
    }

    private func context(_ aspect: Access.HostAspect) -> ToolContext {
        ToolContext(files: NoFiles(), host: facts(aspect), deadline: .now + .seconds(60))
    }

    #if os(Linux)
        @Test("answers figures that can be true")
        func figures() async throws {
            let result = try await SystemInfo().run(in: context(.system))
            #expect((0...100).contains(result["cpu_percent"]?.doubleValue ?? -1))
            #expect((result["memory_total_mb"]?.doubleValue ?? 0) > 0)
            #expect((result["disk_total_gb"]?.doubleValue ?? 0) > 0)
            #expect(result["cpu_count"]?.integerValue == ProcessInfo.processInfo.processorCount)
        }

        @Test("lists this very process")
        func processes() async throws {
            let result = try await ProcessList().run(["limit": 1_000], in: context(.processes))
            let numbers = (result["processes"]?.arrayValue ?? []).compactMap { $0["pid"]?.integerValue }
            #expect(numbers.contains(Int(ProcessInfo.processInfo.processIdentifier)) || result["truncated"] == true)
        }

        @Test("lists services and connections without an error")
        func others() async throws {
            _ = try await ServiceList().run(in: context(.services))
            _ = try await NetConnections().run(in: context(.connections))
        }

        @Test("reads what the aspect covers")
        func covered() throws {
            #expect(try facts(.system).text(of: "/proc/uptime", for: .system).isEmpty == false)
        }
    #endif

    @Test(
        "reads nothing else, whatever aspect is named",
        arguments: [
            "/proc/self/environ", "/proc/1/environ", "/proc/1/cmdline", "/proc/self/stat", "/proc/1/../1/stat",
            "/etc/passwd",
            "/etc/shadow", "/proc/stat/../1/environ", "/etc/init.d/../shadow", "/etc/init.d/",
            "/lib/systemd/system/x.conf",
            "/lib/systemd/system/../x.service", "proc/stat", "", "/", "/proc//stat", "/etc/init.d/a\0b",
        ])
    func notCovered(_ path: String) {
        for aspect in Access.HostAspect.allCases {
            #expect(throws: ToolFailure.self) { try facts(aspect).text(of: path, for: aspect) }
        }
    }

    @Test("reads no aspect that the call was not granted")
    func notGranted() {
        #expect(throws: ToolFailure.self) { try facts(.processes).text(of: "/proc/uptime", for: .system) }
        #expect(throws: ToolFailure.self) { try facts(.system).names(in: "/proc", for: .processes) }
        #expect(throws: ToolFailure.self) { try facts(.processes).diskSpace(for: .system) }
    }

    @Test("lists no other folder", arguments: ["/", "/etc", "/root", "/home", "/proc/1/fd", "/proc/"])
    func otherFolders(_ path: String) {
        for aspect in Access.HostAspect.allCases {
            #expect(throws: ToolFailure.self) { try facts(aspect).names(in: path, for: aspect) }
        }
    }
}
