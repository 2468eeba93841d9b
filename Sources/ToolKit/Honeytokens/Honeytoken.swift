/// A false credential that nobody has a use for: whoever sends one has taken it from where it was planted.
package struct Honeytoken: Sendable, Hashable {
    /// Where it is planted in every sandbox.
    package enum Place: String, Sendable, Hashable, CaseIterable {
        /// A file of its home.
        case home
        /// A variable of its environment.
        case environment
    }

    package let place: Place
    /// At least ``shortest`` bytes of visible ASCII.
    package let value: String

    package init(_ place: Place, _ value: String) {
        (self.place, self.value) = (place, value)
    }

    /// What is shorter could stand somewhere by accident.
    package static let shortest = 20
}

/// A honeytoken that turned up where none should be. It never says the value.
package struct HoneytokenSighting: Sendable, Hashable {
    /// Where it was seen.
    package enum Channel: String, Sendable, Hashable, CaseIterable {
        /// In what a caller sent.
        case arguments
        /// In what a program printed, or a tool answered.
        case output
        /// In what a call wrote into the workspace or kept.
        case file
        /// In what was to leave the machine.
        case egress
    }

    package let place: Honeytoken.Place
    package let channel: Channel

    package init(_ place: Honeytoken.Place, in channel: Channel) {
        (self.place, self.channel) = (place, channel)
    }

    /// For people: `a false credential planted in the home of the sandbox was seen in its output`.
    package var sentence: String {
        let planted = place == .home ? "home" : "environment"
        let seen =
            switch channel {
            case .arguments: "the arguments of a call"
            case .output: "the output of a call"
            case .file: "a file that a call wrote"
            case .egress: "a request that was to leave this machine"
            }
        return "a false credential, planted in the \(planted) of the sandbox, was seen in \(seen)"
    }
}
