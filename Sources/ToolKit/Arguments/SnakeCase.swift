enum SnakeCase {
    /// `maxMatches` is spelled `max_matches` on the wire.
    static func spelling(of name: String) -> String {
        guard name.utf8.contains(where: { 0x41...0x5A ~= $0 }) else { return name }
        var spelling: [UInt8] = []
        for byte in name.utf8 {
            if 0x41...0x5A ~= byte {
                spelling.append(UInt8(ascii: "_"))
                spelling.append(byte | 0x20)
            } else {
                spelling.append(byte)
            }
        }
        return String(decoding: spelling, as: UTF8.self)
    }
}
