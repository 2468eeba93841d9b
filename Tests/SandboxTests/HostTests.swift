import Foundation
import Testing

@testable import Sandbox

@Suite("A host that cannot build a sandbox")
struct HostTests {
    private func host(_ programs: SandboxPrograms) -> SandboxHost { .find(programs: programs) }
    private func remedy(_ confinement: Confinement) -> String? {
        if case .unavailable(_, let remedy) = confinement { remedy } else { nil }
    }

    @Test("without bubblewrap it says how to install it")
    func bubblewrap() {
        let programs = SandboxPrograms(
            bubblewrap: "/nowhere/bwrap", launcher: "/usr/bin/true", supervisor: "/usr/bin/true")
        #expect(remedy(host(programs).confinement)?.contains("apt-get install bubblewrap") == true)
    }

    @Test("a bubblewrap that others may change is not used")
    func writable() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let fake = folder + "/bwrap"
        _ = FileManager.default.createFile(atPath: fake, contents: nil, attributes: [.posixPermissions: 0o777])
        let found = host(SandboxPrograms(bubblewrap: fake, launcher: "/usr/bin/true", supervisor: "/usr/bin/true"))
        #expect(remedy(found.confinement)?.contains("chown root:root") == true)
    }

    @Test("without our own programs it names them", .enabled(if: access("/usr/bin/bwrap", X_OK) == 0))
    func programs() {
        #expect(remedy(host(.beside(folder: "/nowhere")).confinement)?.contains("execlayer-sandbox-launch") == true)
    }

    @Test("AppArmor's remedy covers the launcher and bubblewrap")
    func appArmor() {
        let text = HostRemedy.appArmorRemedy(.beside(folder: "/opt/el"))
        #expect(text.contains("profile execlayer-sandbox /opt/el/execlayer-sandbox-launch flags=(unconfined)"))
        #expect(text.contains("profile execlayer-bwrap /usr/bin/bwrap flags=(unconfined)"))
    }
}

@Suite("Which limits hold")
struct LimitEnforcementTests {
    @Test("R31: root without a cgroup is told that processes are only watched")
    func root() {
        let limits = LimitEnforcement(runAs: .daemon, isRoot: true, memoryCgroup: false, pidsCgroup: false)
        #expect(limits.processes == .watched)
        #expect(limits.remarks.contains { $0.contains("fork bomb") })
    }

    @Test("an unprivileged user's processes are counted by the kernel")
    func user() {
        let other = RunAs.other(user: 65_533, group: 65_533, ownerMaps: [])
        #expect(LimitEnforcement(runAs: other, isRoot: true, memoryCgroup: true, pidsCgroup: true).processes == .kernel)
    }
}
