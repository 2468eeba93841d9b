/// What a supervisor says.
enum SupervisorEvent: Equatable {
    struct Exited: Equatable {
        var code: Int32
        var signal: Int32
        var limit: UInt32
        var wasKilledByRequest: Bool
        var userMicroseconds: UInt64
        var systemMicroseconds: UInt64
        var largestResidentBytes: UInt64
        var peakBytes: UInt64
    }

    struct Pong: Equatable {
        var running: UInt32
        var landlock: UInt32
        var finished: UInt64
        var residentBytes: UInt64
    }

    /// The kernel's Landlock ABI, and whether calls run as another user than the supervisor.
    case ready(landlock: UInt32, ownIDs: Bool)
    case started
    case exited(Exited)
    case failed(step: UInt32, error: Int32, index: UInt32)
    case refused(reason: UInt32, error: Int32, index: UInt32)
    case pong(Pong)

    init(kind: UInt16, payload: ArraySlice<UInt8>) throws(FrameReader.Malformed) {
        let sizes: [UInt16: Int] = [0x81: 8, 0x82: 4, 0x83: 48, 0x84: 12, 0x85: 12, 0x86: 24]
        guard let size = sizes[kind] else { throw .unknownKind(kind) }
        guard payload.count == size else { throw .payload(kind: kind) }
        var fields = FrameFields(payload)
        switch kind {
        case 0x81:
            self = .ready(landlock: fields.number(UInt32.self), ownIDs: fields.number(UInt32.self) & 1 != 0)
        case 0x82:
            self = .started
        case 0x83:
            let code = fields.number(Int32.self)
            let signal = fields.number(Int32.self)
            let limit = fields.number(UInt32.self)
            let byRequest = fields.number(UInt32.self)
            self = .exited(
                Exited(
                    code: code, signal: signal, limit: limit, wasKilledByRequest: byRequest != 0,
                    userMicroseconds: fields.number(UInt64.self), systemMicroseconds: fields.number(UInt64.self),
                    largestResidentBytes: fields.number(UInt64.self), peakBytes: fields.number(UInt64.self)))
        case 0x84:
            self = .failed(
                step: fields.number(UInt32.self), error: fields.number(Int32.self), index: fields.number(UInt32.self))
        case 0x85:
            self = .refused(
                reason: fields.number(UInt32.self), error: fields.number(Int32.self), index: fields.number(UInt32.self))
        default:
            self = .pong(
                Pong(
                    running: fields.number(UInt32.self), landlock: fields.number(UInt32.self),
                    finished: fields.number(UInt64.self), residentBytes: fields.number(UInt64.self)))
        }
    }
}

/// The steps of `EVENT_FAILED` and the reasons of `EVENT_REFUSED`, by their numbers.
enum SupervisorWords {
    static let steps = [
        "none", "clone", "proc", "scratch", "terminals", "request", "overlay", "protect", "ids", "user namespace",
        "capabilities", "landlock", "seccomp", "cgroup", "descriptors", "limits", "folder", "fork", "exec",
        "lend", "layers", "network",
    ]
    static let reasons = [
        "", "not configured", "configured twice", "number in use", "too many calls", "path", "no Landlock", "seccomp",
        "memory", "signal", "moved",
    ]
    static let tooManyCalls: UInt32 = 4
    static let moved: UInt32 = 10

    static func step(_ number: UInt32) -> String {
        number < steps.count ? steps[Int(number)] : "\(number)"
    }

    static func reason(_ number: UInt32) -> String {
        number < reasons.count ? reasons[Int(number)] : "\(number)"
    }

    static func problem(step number: UInt32, error: Int32) -> StartProblem {
        // ENOENT 2, E2BIG 7, EACCES 13, ENOTDIR 20: the same on every system that has supervisors.
        switch (step(number), error) {
        case ("exec", 2), ("exec", 20): .noSuchProgram
        case ("exec", 7): .argumentsTooLong
        case ("exec", 13), ("exec", 8): .notExecutable
        case ("folder", _): .noSuchFolder
        case (let step, _): .walls(step: step, error: error)
        }
    }
}
