/// What the daemon's surroundings say of displays.
package struct DisplayChoice: Sendable, Hashable {
    /// `DISPLAY`, or what was chosen instead.
    package var x11: String?
    /// `WAYLAND_DISPLAY`.
    package var wayland: String?
    /// The file that lets programs in; `nil`: the one in the home folder, if there is one.
    package var authority: String?
    /// The user's home folder.
    package var home: String?

    package init(x11: String? = nil, wayland: String? = nil, authority: String? = nil, home: String? = nil) {
        (self.x11, self.wayland, self.authority, self.home) = (x11, wayland, authority, home)
    }

    /// - Parameter environment: The daemon's own; `EXECUTION_DISPLAY` is chosen over `DISPLAY`.
    package init(environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.init(
            x11: value("EXECUTION_DISPLAY") ?? value("DISPLAY"), wayland: value("WAYLAND_DISPLAY"),
            authority: value("XAUTHORITY"), home: value("HOME"))
    }

    /// `:0` or `:0.1`; a display of another machine is none that may be used.
    var isLocal: Bool {
        guard let x11, x11.first == ":" else { return false }
        let parts = x11.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count)
            && parts.allSatisfy { (1...5).contains($0.utf8.count) && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
    }
}
