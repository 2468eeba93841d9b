#if os(Linux)
    internal import CPlatform

    /// The pipes of one call before it has begun: ours are [0] of the outputs and [1] of the input.
    struct CallPipes {
        struct Failure: Error { var number: Int32 }

        let stdout: [Int32]
        let stderr: [Int32]
        /// `nil` without input. Its writing end is closed already when everything fitted.
        let stdin: [Int32]?
        let restOfInput: ArraySlice<UInt8>
        private let staysOpen: Bool

        /// - Parameter staysOpen: Whether there is an input that is written later, whatever there is of one now.
        init(standardInput: [UInt8]?, staysOpen: Bool = false) throws(Failure) {
            self.staysOpen = staysOpen
            var open: [[Int32]] = []
            func pipe(_ waits: Int32) throws(Failure) -> [Int32] {
                var ends: [Int32] = [-1, -1]
                let error = cp_pipe(&ends, waits)
                guard error == 0 else {
                    for descriptor in open.joined() { cp_close(descriptor) }
                    throw Failure(number: -error)
                }
                open.append(ends)
                return ends
            }
            stdout = try pipe(CP_PIPE_WRITER_WAITS)
            stderr = try pipe(CP_PIPE_WRITER_WAITS)
            guard let input = standardInput ?? (staysOpen ? [] : nil) else {
                stdin = nil
                restOfInput = []
                return
            }
            let ends = try pipe(CP_PIPE_READER_WAITS)
            stdin = ends
            // Nobody else has the reading end yet, so this cannot raise SIGPIPE; most inputs fit.
            let put = input.withUnsafeBytes { $0.isEmpty ? 0 : cp_write(ends[1], $0.baseAddress, $0.count) }
            restOfInput = input.dropFirst(max(0, Int(put)))
            if restOfInput.isEmpty, !staysOpen { cp_close(ends[1]) }
        }

        func close() {
            for descriptor in stdout + stderr { cp_close(descriptor) }
            guard let stdin else { return }
            cp_close(stdin[0])
            if !restOfInput.isEmpty || staysOpen { cp_close(stdin[1]) }
        }
    }
#endif
