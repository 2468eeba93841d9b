import Foundation
import Surroundings
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

    @Test(
        "without our own programs it names them",
        .enabled(if: access("/usr/bin/bwrap", X_OK) == 0, "needs bubblewrap"),
        .enabled(if: !Surroundings.isInsideSandbox, "inside the sandbox nothing belongs to root"))
    func programs() {
        #expect(remedy(host(.beside(folder: "/nowhere")).confinement)?.contains("execlayer-sandbox-launch") == true)
    }

    @Test("AppArmor's remedy covers the launcher and bubblewrap")
    func appArmor() {
        let text = HostRemedy.appArmorRemedy(.beside(folder: "/opt/el"))
        #expect(text.contains("profile execlayer-sandbox /opt/el/execlayer-sandbox-launch flags=(unconfined)"))
        #expect(text.contains("profile execlayer-bwrap /usr/bin/bwrap flags=(unconfined)"))
    }

    private static let refused = "execlayer-sandbox-launch: user namespace: Operation not permitted"

    private func remedy(
        _ traits: HostTraits, user: UInt32 = 1_000, said: String = refused
    ) -> (reason: String, remedy: String)? {
        let host = SandboxHost(programs: .beside(folder: "/opt/el"), user: user, group: user, landlock: 7)
        let found = HostRemedy.afterFailure("the supervisor ended", log: said, on: host, traits: traits)
        if case .unavailable(let reason, let remedy) = found { return (reason, remedy) } else { return nil }
    }

    @Test("R25: Ubuntu 24.04 is told the whole profile, and where it belongs")
    func ubuntu() throws {
        let found = try #require(remedy(HostTraits(appArmorRestricts: true)))
        #expect(found.reason.contains("AppArmor"))
        #expect(
            found.remedy == """
                Write this to /etc/apparmor.d/execlayer and load it with `apparmor_parser -r /etc/apparmor.d/execlayer`:
                abi <abi/4.0>,
                include <tunables/global>
                profile execlayer-sandbox /opt/el/execlayer-sandbox-launch flags=(unconfined) {
                  userns,
                }
                profile execlayer-bwrap /usr/bin/bwrap flags=(unconfined) {
                  userns,
                }
                """)
    }

    @Test("R25: a container is told its options, for docker and for podman")
    func container() throws {
        let found = try #require(remedy(HostTraits(isContainer: true), user: 0))
        #expect(found.reason.contains("container"))
        #expect(
            found.remedy == "Start the container with `docker run --security-opt seccomp=unconfined --security-opt "
                + "apparmor=unconfined --security-opt systempaths=unconfined`; with podman `--security-opt unmask=ALL "
                + "--security-opt seccomp=unconfined`")
    }

    @Test("R25: kernels that forbid user namespaces are told which setting does it")
    func kernels() throws {
        #expect(
            remedy(HostTraits(usersMayNotClone: true))?.remedy.contains("kernel.unprivileged_userns_clone=1") == true)
        #expect(
            remedy(HostTraits(allowsNoNamespaces: true), user: 0)?.remedy.contains("user.max_user_namespaces=15000")
                == true)
    }

    @Test("R25: a fix for a right is not offered for what is no matter of rights, nor AppArmor's to root")
    func others() throws {
        let missing = "bwrap: Can't find source path /srv/ws: No such file or directory"
        #expect(
            remedy(HostTraits(appArmorRestricts: true, isContainer: true), said: missing)?.remedy.contains("doctor")
                == true)
        #expect(remedy(HostTraits(appArmorRestricts: true), user: 0)?.remedy.contains("apparmor_parser") == false)
        #expect(remedy(HostTraits())?.remedy.contains("doctor") == true)
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
