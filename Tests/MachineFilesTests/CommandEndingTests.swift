#if os(Linux)
    import Sandbox
    import Testing
    import ToolKit

    @testable import Machine

    @Suite("A program that was ended")
    struct CommandEndingTests {
        private func failure(_ stop: CallEnd.Stop?) throws -> ToolFailure? {
            let end = CallEnd(ending: stop == nil ? .exited(code: 1) : .signalled(9), stop: stop)
            let limits = CommandLimits(wallTime: .seconds(30))
            do {
                _ = try CommandEnding(end, limits: limits, confinement: "sandbox").result()
                return nil
            } catch let failure as ToolFailure {
                return failure
            }
        }

        /// Processor time can only be used up by several processors together, so no test of the API waits for it.
        @Test(
            "R31: is told which limit it was",
            arguments: [
                (.wallTime, "after 30 seconds"), (.cpuTime, "60 seconds of processor time"),
                (.memory, "2048 MiB of memory"), (.spareMemory, "memory that this machine has left"),
                (.processes, "256 processes at once"), (.fileSize, "1024 MiB in one file"),
                (.output, "64 MiB of output"),
            ] as [(CallEnd.Stop, String)])
        func limits(stop: CallEnd.Stop, words: String) throws {
            let failure = try failure(stop)
            #expect(failure?.message.contains(words) == true)
            #expect(failure?.code == (stop == .wallTime ? "timeout" : "limit_exceeded"))
            #expect(failure?.confinement == "sandbox")
        }

        @Test("R31: of one that failed by itself no limit is named")
        func ordinary() throws { #expect(try failure(nil) == nil) }
    }
#endif
