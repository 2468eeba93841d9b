/// Finds the patterns that could match a path without trying each: a walk asks for every file it meets.
///
/// Each pattern is filed under the one name in it that says most. A path is looked up by its names; what is found is a
/// candidate and has to be matched in full.
struct PatternIndex: Sendable {
    private var literals: [String: [Int]] = [:]
    /// Under the extension, dot included.
    private var extensions: [String: [Int]] = [:]
    /// Under the first byte; empty where nothing starts so.
    private var firstBytes: [[Int]] = Array(repeating: [], count: 256)
    private var others: [Int] = []
    /// First bytes of literals, and bytes behind the dot of extensions: most names are out after one look here.
    private var literalStarts = Array(repeating: false, count: 256)
    private var extensionStarts = Array(repeating: false, count: 256)

    init(_ patterns: [PathPattern]) {
        for (place, pattern) in patterns.enumerated() {
            let names = pattern.segments.compactMap { segment -> NameGlob? in
                if case .name(let glob) = segment { glob } else { nil }
            }
            if let literal = names.compactMap(\.literal).max(by: { $0.utf8.count < $1.utf8.count }) {
                literals[literal, default: []].append(place)
                literalStarts[Self.byte(literal, 0)] = true
            } else if let fileExtension = names.compactMap(\.fileExtension).first {
                extensions[fileExtension, default: []].append(place)
                extensionStarts[Self.byte(fileExtension, 1)] = true
            } else if let firstByte = names.compactMap(\.firstByte).first {
                firstBytes[Int(firstByte)].append(place)
            } else {
                others.append(place)
            }
        }
    }

    /// - Parameters:
    ///   - names: The path's components, folded.
    ///   - visit: Called with each candidate, perhaps more than once.
    func candidates(_ names: [String], visit: (Int) -> Void) {
        for place in others { visit(place) }
        for name in names {
            let first = Self.byte(name, 0)
            if literalStarts[first], let places = literals[name] { places.forEach(visit) }
            if !firstBytes[first].isEmpty { firstBytes[first].forEach(visit) }
            guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { continue }
            let fileExtension = name[dot...]
            guard extensionStarts[Self.byte(fileExtension, 1)] else { continue }
            extensions[String(fileExtension)]?.forEach(visit)
        }
    }

    /// 0 where the text is too short; no name holds it.
    private static func byte(_ text: some StringProtocol, _ offset: Int) -> Int {
        text.utf8.dropFirst(offset).first.map(Int.init) ?? 0
    }
}
