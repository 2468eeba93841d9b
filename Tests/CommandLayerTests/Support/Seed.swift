import Foundation

/// The randomness of a test, printed so that a failure can be repeated with `EXECLAYER_SEED`.
struct Seed: RandomNumberGenerator {
    private var state: UInt64

    init(for test: String) {
        let given = ProcessInfo.processInfo.environment["EXECLAYER_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 1...999_999_999)
        print("\(test): EXECLAYER_SEED=\(seed)")
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// How long the long tests are: in full with `./test --soak`, a tenth otherwise.
enum Rounds {
    static let isSoak = ProcessInfo.processInfo.environment["EXECLAYER_SOAK"] == "1"

    static func count(_ full: Int) -> Int { isSoak ? full : max(1, full / 10) }
}
