internal import ToolKit

/// One event of the daemon's stream.
struct ServerEvent: Sendable, Hashable {
    var name: String
    /// `seq` of the audit line it tells of; where to go on after a break.
    var id: Int?
    var data: JSONValue
}

/// Takes a stream apart into events, however its bytes were cut (WHATWG HTML, 9.2.6, as far as our daemon uses it).
struct ServerEventReader {
    /// A line beyond this is no event of ours.
    static let lineLimit = 8 << 20

    private var line: [UInt8] = []
    private var name = ""
    private var id: Int?
    private var data: [UInt8] = []

    /// - Returns: The events that these bytes complete.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [ServerEvent] {
        var events: [ServerEvent] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                if line.count < Self.lineLimit { line.append(byte) }
                continue
            }
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() -> ServerEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        guard line.isEmpty else {
            readField()
            return nil
        }
        defer { (name, data) = ("", []) }
        guard !data.isEmpty, let value = try? JSONReader.read(data) else { return nil }
        return ServerEvent(name: name, id: id, data: value)
    }

    private mutating func readField() {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return }
        let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": name = String(decoding: value, as: UTF8.self)
        case "id": id = Int(String(decoding: value, as: UTF8.self))
        case "data": data += value
        default: break
        }
    }
}
