internal import Synchronization

/// Looks for honeytokens in all that one call takes, prints, writes and sends.
///
/// Whoever serves the call asks ``underWay``: the file layer for what it keeps, the fetcher for what leaves. A proxy for a
/// program holds the watch of its call and shows it what passes: `watch.see(bytes, in: .egress)`.
package final class HoneytokenWatch: Sendable {
    /// The one of the call that this task works for; `nil` where nothing is planted.
    @TaskLocal package static var underWay: HoneytokenWatch?

    private struct State {
        var streams: [CommandStream: HoneytokenReading] = [:]
        var sightings: Set<HoneytokenSighting> = []
        var isListing = false
    }

    /// Looking at a gigabyte takes longer than making it. Of an output that is longer the answer is looked at as well.
    package static let streamLimit = 4 << 20
    package static let fileLimit = 1 << 20

    package let tokens: Honeytokens
    private let state = Mutex(State())
    /// Told of each kind of sighting once, at once, on whichever thread sees it.
    private let onSighting: @Sendable (HoneytokenSighting) -> Void

    package init(for tokens: Honeytokens, onSighting: @escaping @Sendable (HoneytokenSighting) -> Void = { _ in }) {
        self.tokens = tokens
        self.onSighting = onSighting
    }

    /// All so far.
    package var sightings: Set<HoneytokenSighting> { state.withLock { $0.sightings } }

    /// Whether a program printed its whole environment, the token in it among the rest.
    package var isListing: Bool { state.withLock { $0.isListing } }

    /// Looks at something that is there as a whole.
    ///
    /// - Returns: Whether a token was seen.
    @discardableResult
    package func see(_ bytes: UnsafeRawBufferPointer, in channel: HoneytokenSighting.Channel) -> Bool {
        guard bytes.count >= Honeytoken.shortest, tokens.mayBe(in: bytes) else { return false }
        var reading = tokens.reading()
        reading.add(bytes)
        return conclude(reading, in: channel)
    }

    @discardableResult
    package func see(_ text: String, in channel: HoneytokenSighting.Channel) -> Bool {
        guard text.utf8.count >= Honeytoken.shortest else { return false }
        var text = text
        return text.withUTF8 { see(UnsafeRawBufferPointer($0), in: channel) }
    }

    /// Every text in a value, names of members included.
    ///
    /// - Parameter names: Members that are left out.
    @discardableResult
    package func see(
        _ value: JSONValue, in channel: HoneytokenSighting.Channel, without names: Set<String> = []
    ) -> Bool {
        switch value {
        case .string(let text): return see(text, in: channel)
        case .array(let elements):
            return elements.reduce(false) { see($1, in: channel, without: names) || $0 }
        case .object(let members):
            return members.reduce(false) { seen, member in
                let isInName = see(member.key, in: channel)
                let isInValue = !names.contains(member.key) && see(member.value, in: channel, without: names)
                return seen || isInName || isInValue
            }
        default: return false
        }
    }

    /// What was read to its end, a file for instance. Printed environments are no sighting in outputs and files; in
    /// arguments, and in what leaves, nobody has them without meaning to.
    @discardableResult
    package func conclude(_ reading: HoneytokenReading, in channel: HoneytokenSighting.Channel) -> Bool {
        let isLasting = channel == .output || channel == .file
        note(isLasting ? reading.taken : reading.seen, in: channel)
        if isLasting, reading.taken != reading.seen { state.withLock { $0.isListing = true } }
        return !(isLasting ? reading.taken : reading.seen).isEmpty
    }

    private func note(_ places: Set<Honeytoken.Place>, in channel: HoneytokenSighting.Channel) {
        for place in places {
            let sighting = HoneytokenSighting(place, in: channel)
            if state.withLock({ $0.sightings.insert(sighting).inserted }) { onSighting(sighting) }
        }
    }

    /// The programs of the call have ended.
    ///
    /// - Returns: Whether there was any output, and all of it was looked at.
    package func endOfOutput() -> Bool {
        let readings = state.withLock { state in
            defer { state.streams = [:] }
            return Array(state.streams.values)
        }
        for reading in readings { conclude(reading, in: .output) }
        return !readings.isEmpty && !readings.contains(where: \.isCut)
    }

    /// Sees what programs write before it hands it on.
    package func observing(_ observer: any OutputObserver) -> any OutputObserver {
        Observer(watch: self, next: observer)
    }

    private struct Observer: OutputObserver {
        let watch: HoneytokenWatch
        let next: any OutputObserver

        func wrote(_ bytes: UnsafeRawBufferPointer, to stream: CommandStream, at offset: UInt64) {
            let certain = watch.state.withLock { state in
                var reading =
                    state.streams.removeValue(forKey: stream) ?? watch.tokens.reading(upTo: HoneytokenWatch.streamLimit)
                reading.add(bytes)
                state.streams[stream] = reading
                return reading.certain
            }
            if !certain.isEmpty { watch.note(certain, in: .output) }
            next.wrote(bytes, to: stream, at: offset)
        }
    }
}
