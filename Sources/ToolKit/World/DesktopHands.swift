/// One thing that is done to a desktop.
public enum DesktopDeed: Sendable, Hashable {
    public enum Button: String, Sendable, Hashable, CaseIterable {
        case left, middle, right
    }

    public enum Direction: String, Sendable, Hashable, CaseIterable {
        case up, down, left, right
    }

    /// In pixels from the upper left corner of the whole screen.
    public struct Point: Sendable, Hashable {
        public let x: Int
        public let y: Int

        public init(x: Int, y: Int) {
            self.x = x
            self.y = y
        }
    }

    /// Without a point: where the pointer is.
    case click(at: Point?, Button, count: Int)
    case move(to: Point)
    /// At the keyboard's focus. Any characters; of controls only tabs and line ends.
    case type(String)
    /// Chords such as `ctrl+shift+t`, one after another, by the names that X has for keys.
    case press([String])
    case scroll(at: Point?, Direction, steps: Int)
    case windows
    /// By the id that the list of windows has for it.
    case focus(window: Int)
    case screenshot
}

/// What a deed brought.
public struct DesktopResult: Sendable, Hashable {
    /// Members of the call's result.
    public var members: [String: JSONValue]
    /// A picture of the screen, as PNG.
    public var picture: [UInt8]?

    public init(_ members: [String: JSONValue] = [:], picture: [UInt8]? = nil) {
        self.members = members
        self.picture = picture
    }
}

/// Keyboard, pointer and screen of the desktop that the daemon belongs to.
///
/// The promise of whoever conforms: nothing but the deed is done, places outside of the screen are refused, and it ends in
/// bounded time.
public protocol DesktopHands: Sendable {
    /// What ``perform(_:)`` would start; nothing is started or connected to.
    ///
    /// - Throws: ``ToolFailure``.
    func plan(_ deed: DesktopDeed) throws -> [String: JSONValue]

    /// - Throws: ``ToolFailure``.
    func perform(_ deed: DesktopDeed) async throws -> DesktopResult
}

/// Where there is none, and for calls whose access says nothing of it.
public struct NoDesktop: DesktopHands {
    public init() {}

    public func plan(_ deed: DesktopDeed) throws -> [String: JSONValue] { throw Self.failure }

    public func perform(_ deed: DesktopDeed) async throws -> DesktopResult { throw Self.failure }

    private static let failure = ToolFailure(
        "display_unavailable", "no desktop is open to this call", remedy: "see why with execlayer tools")
}
