import Testing
import ToolKit

@Suite("An address")
struct IPAddressTests {
    @Test(
        "R39: is what the registries say",
        arguments: [
            ("1.1.1.1", IPAddress.Kind.public), ("8.8.8.8", .public), ("172.15.255.255", .public),
            ("172.32.0.0", .public),
            ("11.0.0.0", .public), ("100.63.255.255", .public), ("100.128.0.0", .public), ("223.255.255.255", .public),
            ("192.0.1.1", .public), ("198.17.255.255", .public), ("198.20.0.0", .public),
            ("2606:4700::1111", .public), ("2001:4860:4860::8888", .public), ("2003::1", .public),
            ("10.0.0.1", .private), ("172.16.0.1", .private), ("172.31.255.255", .private), ("192.168.1.1", .private),
            ("fec0::1", .private), ("127.0.0.1", .loopback), ("127.255.255.254", .loopback), ("::1", .loopback),
            ("169.254.1.1", .linkLocal), ("fe80::1", .linkLocal), ("febf::1", .linkLocal), ("fc00::1", .uniqueLocal),
            ("fdff::1", .uniqueLocal), ("100.64.0.1", .shared), ("100.127.255.255", .shared),
            ("169.254.169.254", .metadata), ("169.254.170.2", .metadata), ("fd00:ec2::254", .metadata),
            ("100.100.100.200", .metadata), ("192.0.0.192", .metadata), ("168.63.129.16", .metadata),
            ("::ffff:7f00:1", .mapped), ("::ffff:101:101", .mapped), ("64:ff9b::7f00:1", .transition),
            ("64:ff9b:1::1", .transition), ("2002:7f00:1::", .transition), ("2001::1", .transition),
            ("::7f00:1", .transition),
            ("::ffff:0:7f00:1", .transition), ("2001:470::5efe:7f00:1", .transition),
            ("2001:470::200:5efe:7f00:1", .transition), ("192.88.99.1", .transition), ("0.0.0.0", .unspecified),
            ("0.1.2.3", .unspecified), ("::", .unspecified), ("224.0.0.1", .multicast), ("239.1.1.1", .multicast),
            ("ff02::1", .multicast), ("198.18.0.1", .benchmarking), ("198.19.255.255", .benchmarking),
            ("2001:2::1", .benchmarking), ("192.0.2.1", .documentation), ("198.51.100.7", .documentation),
            ("203.0.113.9", .documentation), ("2001:db8::1", .documentation), ("3fff::1", .documentation),
            ("240.0.0.1", .reserved), ("255.255.255.255", .reserved), ("192.0.0.1", .reserved), ("100::1", .reserved),
            ("2001:20::1", .reserved), ("4000::1", .reserved), ("5f00::1", .reserved),
        ])
    func kinds(_ text: String, _ kind: IPAddress.Kind) throws {
        #expect(try #require(IPAddress(canonical: text)).kind == kind)
    }

    @Test(
        "has one spelling, which comes back from its bytes",
        arguments: [
            "0.0.0.0", "255.1.20.3", "::", "::1", "1::", "1:0:0:2::3", "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8",
            "::2:0:0:3:4",
            "1:0:2:3:4:5:6:7",
        ])
    func spelling(_ text: String) throws {
        let address = try #require(IPAddress(canonical: text))
        #expect(address.description == text)
        #expect(IPAddress(bytes: address.bytes) == address)
    }
}
