#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Where a verb writes: answers to one side, everything about the run itself (errors, notes, progress) to the other.
struct Terminal: Sendable {
    /// Whether a person reads the answers. Then nothing reaches them unescaped; a pipe gets file contents as they are.
    let isInteractive: Bool
    /// Whether a person watches the error output.
    let isWatched: Bool
    private let answer: @Sendable (String) -> Void
    private let file: @Sendable ([UInt8]) -> Void
    private let remark: @Sendable (String) -> Void

    init(
        isInteractive: Bool, isWatched: Bool, answer: @escaping @Sendable (String) -> Void,
        file: @escaping @Sendable ([UInt8]) -> Void, remark: @escaping @Sendable (String) -> Void
    ) {
        self.isInteractive = isInteractive
        self.isWatched = isWatched
        self.answer = answer
        self.file = file
        self.remark = remark
    }

    static let standard = Terminal(
        isInteractive: isatty(STDOUT_FILENO) == 1, isWatched: isatty(STDERR_FILENO) == 1,
        answer: { write(Array($0.utf8), to: STDOUT_FILENO) }, file: { write($0, to: STDOUT_FILENO) },
        remark: { write(Array($0.utf8), to: STDERR_FILENO) })

    /// Text that is already safe: tables, named lines, JSON.
    func show(_ text: String) { answer(text) }

    /// A file as it is; never to a person's terminal.
    func show(bytes: [UInt8]) { if !isInteractive { file(bytes) } }

    /// Text of strangers that may have several lines; ends with a line feed when a person reads it.
    func showContent(_ text: String) {
        guard isInteractive else { return answer(text) }
        let safe = TerminalText.safeLines(text)
        answer(safe.isEmpty || safe.hasSuffix("\n") ? safe : safe + "\n")
    }

    /// One sentence about the run.
    func note(_ text: String) { remark(TerminalText.safeLines(text) + "\n") }

    /// Redraws the last line of a watched error output; nothing otherwise.
    func progress(_ text: String?) {
        guard isWatched else { return }
        remark("\r\u{1B}[K" + (text.map { TerminalText.safe($0) } ?? ""))
    }

    /// A reader that went away (`| head`) ends the run; there is nobody left to tell.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while let start = rest.baseAddress, !rest.isEmpty {
                #if canImport(Glibc)
                    let count = Glibc.write(descriptor, start, rest.count)
                #elseif canImport(Musl)
                    let count = Musl.write(descriptor, start, rest.count)
                #else
                    let count = Darwin.write(descriptor, start, rest.count)
                #endif
                if count < 0, errno == EINTR || errno == EAGAIN { continue }
                guard count > 0 else { exit(CommandStatus.failed.rawValue) }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
