internal import Gate
internal import Synchronization

/// Clocks that stand still until a test moves them.
package final class ManualTime: TimeSource {
    private struct Reading {
        var wall = 1_700_000_000.0
        var sinceBoot = 5_000.0
        var bootID = "boot_one"
    }

    private let reading = Mutex(Reading())

    package init() {}

    package var wall: Double { reading.withLock { $0.wall } }
    package var sinceBoot: Double { reading.withLock { $0.sinceBoot } }
    package var bootID: String { reading.withLock { $0.bootID } }

    /// Time goes by on both clocks.
    package func advance(by seconds: Double) {
        reading.withLock {
            $0.wall += seconds
            $0.sinceBoot += seconds
        }
    }

    /// Somebody sets the wall clock.
    package func setWall(to seconds: Double) { reading.withLock { $0.wall = seconds } }

    /// The machine starts anew; its clock begins again.
    package func reboot(as bootID: String) {
        reading.withLock {
            $0.bootID = bootID
            $0.sinceBoot = 10
        }
    }
}
