/// What a script learns from the end of a verb; docs/cli.md lists the same.
enum CommandStatus: Int32, Sendable {
    case success = 0
    /// It ran and failed, or what was verified is not in order.
    case failed = 1
    /// The gate or the daemon said no; nothing ran.
    case refused = 2
    case unreachable = 3
    /// The command line itself is wrong; ArgumentParser uses the same number.
    case usage = 64
}
