extension IPAddress {
    /// What an address is, by the registries of special addresses. Facts only: whoever asks decides.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case `public`
        /// RFC 1918, and the former site-local addresses.
        case `private`
        case loopback
        /// `169.254.0.0/16` and `fe80::/10`: only good on the wire at hand.
        case linkLocal = "link-local"
        /// `fc00::/7`, the private ones of version 6.
        case uniqueLocal = "unique-local"
        /// `100.64.0.0/10`, behind a carrier's translation.
        case shared
        /// Where clouds hand out credentials to whoever asks from inside a machine.
        case metadata
        /// `::ffff:0:0/96`: an address of version 4 in the clothes of version 6.
        case mapped
        /// Carries an address of version 4 to some gateway: NAT64, 6to4, Teredo, ISATAP and what came before them.
        case transition
        /// `0.0.0.0/8` and `::`: this very machine, for many systems.
        case unspecified
        case multicast
        case benchmarking
        case documentation
        /// Everything else that is assigned to nobody.
        case reserved
    }

    public var kind: Kind {
        switch self {
        case .v4(let number): Self.kind(ofFour: number)
        case .v6(let upper, let lower): Self.kind(ofSix: upper, lower)
        }
    }

    private struct Block {
        let start: UInt32
        let length: UInt32
        let kind: Kind

        init(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ length: UInt32, _ kind: Kind) {
            start = a << 24 | b << 16 | c << 8 | d
            self.length = length
            self.kind = kind
        }

        func contains(_ number: UInt32) -> Bool { (number ^ start) >> (32 - length) == 0 }
    }

    /// The first that holds an address counts.
    private static let blocks = [
        Block(169, 254, 169, 254, 32, .metadata), Block(169, 254, 170, 2, 32, .metadata),
        Block(169, 254, 170, 23, 32, .metadata), Block(100, 100, 100, 200, 32, .metadata),
        Block(192, 0, 0, 192, 32, .metadata), Block(168, 63, 129, 16, 32, .metadata),
        Block(0, 0, 0, 0, 8, .unspecified), Block(10, 0, 0, 0, 8, .private), Block(100, 64, 0, 0, 10, .shared),
        Block(127, 0, 0, 0, 8, .loopback), Block(169, 254, 0, 0, 16, .linkLocal), Block(172, 16, 0, 0, 12, .private),
        Block(192, 0, 0, 0, 24, .reserved), Block(192, 0, 2, 0, 24, .documentation),
        Block(192, 88, 99, 0, 24, .transition), Block(192, 168, 0, 0, 16, .private),
        Block(198, 18, 0, 0, 15, .benchmarking), Block(198, 51, 100, 0, 24, .documentation),
        Block(203, 0, 113, 0, 24, .documentation), Block(224, 0, 0, 0, 4, .multicast),
        Block(240, 0, 0, 0, 4, .reserved),
    ]

    private static func kind(ofFour number: UInt32) -> Kind {
        blocks.first { $0.contains(number) }?.kind ?? .public
    }

    private static func kind(ofSix upper: UInt64, _ lower: UInt64) -> Kind {
        if upper == 0 {
            switch lower {
            case 0: return .unspecified
            case 1: return .loopback
            case _ where lower >> 32 == 0xFFFF: return .mapped
            // ::a.b.c.d and ::ffff:0:a.b.c.d, which some systems still translate.
            default: return lower >> 48 == 0 || lower >> 32 == 0xFFFF_0000 ? .transition : .reserved
            }
        }
        func begins(_ prefix: UInt64, _ length: UInt64) -> Bool { (upper ^ prefix) >> (64 - length) == 0 }
        if (upper, lower) == (0xFD00_0EC2_0000_0000, 0x254) || (upper, lower) == (0xFD20_00CE_0000_0000, 0x254) {
            return .metadata
        }
        // ISATAP: the lower half says that it carries an address of version 4.
        if lower >> 32 & 0xFDFF_FFFF == 0x0000_5EFE { return .transition }
        if begins(0x0064_FF9B_0000_0000, 32) { return .transition }
        if begins(0x2002_0000_0000_0000, 16) { return .transition }
        if begins(0x2001_0000_0000_0000, 32) { return .transition }
        if begins(0x2001_0002_0000_0000, 48) { return .benchmarking }
        if begins(0x2001_0DB8_0000_0000, 32) || begins(0x3FFF_0000_0000_0000, 20) { return .documentation }
        if begins(0x2001_0000_0000_0000, 23) { return .reserved }
        if begins(0xFC00_0000_0000_0000, 7) { return .uniqueLocal }
        if begins(0xFE80_0000_0000_0000, 10) { return .linkLocal }
        if begins(0xFEC0_0000_0000_0000, 10) { return .private }
        if begins(0xFF00_0000_0000_0000, 8) { return .multicast }
        return begins(0x2000_0000_0000_0000, 3) ? .public : .reserved
    }
}
