import Foundation
import Testing
import ToolKit

@testable import Sandbox

extension BehindBothWalls {
    @Suite("A call that is written to while it runs")
    struct CallInputTests {
        @Test("reads what it is sent, in order, and answers meanwhile")
        func echo() async throws {
            try await Cage.with { cage in
                var call = cage.call("/bin/cat")
                let (input, stopper) = (CallInput(), CallStopper())
                call.input = input
                call.stopper = stopper
                let (output, took) = AsyncStream<[UInt8]>.makeStream()
                // What is sent before it began waits for it.
                input.send(Array("one ".utf8))
                let (ready, profile, pool) = (call, cage.profile, cage.pool)
                let running = Task {
                    let end = try await pool.run(ready, in: profile) { _, _, bytes in took.yield(Array(bytes)) }
                    took.finish()
                    return end
                }
                var seen: [UInt8] = []
                let large = [UInt8](repeating: 0x78, count: 1 << 20)
                for await bytes in output {
                    seen += bytes
                    if seen.count == 4 { input.send(Array("two ".utf8)) }
                    if seen.count == 8 { input.send(large) }
                    if seen.count == 8 + large.count { stopper.stop(.cancelled) }
                }
                let end = try await running.value
                #expect(end.stop == .cancelled)
                #expect(seen == Array("one two ".utf8) + large)
                #expect(!input.send([0]))
            }
        }

        @Test("that does not read is sent no more than may wait for it")
        func deaf() async throws {
            try await Cage.with { cage in
                let input = CallInput(limit: 1 << 20)
                let end = try await cage.run("/bin/sleep", ["0.3"]) { call in
                    call.input = input
                    while input.send([UInt8](repeating: 0, count: 65_536)) {}
                }
                #expect(end.isSuccess)
                #expect(!input.send([0]))
            }
        }
    }
}
