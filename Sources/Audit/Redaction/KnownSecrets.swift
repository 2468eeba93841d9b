internal import ToolKit

/// Exact values that are replaced wherever they stand, also within a longer text (SECURITY R37).
struct KnownSecrets: Sendable {
    private static let shortest = 8

    private let values: [[UInt8]]
    /// Found in other encodings as well.
    private let honeytokens: Honeytokens?
    /// Those whose beginnings and ends are looked for.
    private let parts: [[UInt8]]

    init(_ values: [String], honeytokens: Honeytokens? = nil) {
        // The longest first: one may be part of another.
        self.values = Set(values.map { Array($0.utf8) }.filter { $0.count >= Self.shortest })
            .sorted { $0.count > $1.count }
        self.honeytokens = honeytokens.flatMap { $0.isAny ? $0 : nil }
        parts = self.values + (self.honeytokens?.tokens.map { Array($0.value.utf8) } ?? [])
    }

    var isAny: Bool { !parts.isEmpty }

    func removed(from text: String) -> String {
        guard isAny, text.utf8.count >= Self.shortest else { return text }
        var text = withoutHoneytokens(text)
        for value in values {
            guard let found = text.withUTF8({ Self.places(of: value, in: $0) }) else { continue }
            let bytes = Array(text.utf8)
            var kept: [UInt8] = []
            var position = 0
            for place in found {
                kept += bytes[position..<place]
                kept += Redactor.mark.utf8
                position = place + value.count
            }
            kept += bytes[position...]
            text = String(decoding: kept, as: UTF8.self)
        }
        return text
    }

    /// A text that holds one in a form that cannot be cut out goes as a whole.
    private func withoutHoneytokens(_ text: String) -> String {
        guard let honeytokens, text.utf8.count >= Honeytoken.shortest else { return text }
        var text = text
        let places = text.withUTF8 { honeytokens.places(in: UnsafeRawBufferPointer($0)) }
        if !places.isEmpty {
            let bytes = Array(text.utf8)
            var kept: [UInt8] = []
            var position = 0
            // In the order of their ends' windows: one may begin in another.
            for place in places.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if place.lowerBound >= position {
                    kept += bytes[position..<place.lowerBound]
                    kept += Redactor.mark.utf8
                }
                position = max(position, place.upperBound)
            }
            kept += bytes[position...]
            text = String(decoding: kept, as: UTF8.self)
        }
        return honeytokens.isIn(text) ? Redactor.mark : text
    }

    /// How many bytes at the end may be the beginning of a secret whose rest is still to come.
    func lengthOfBeginning(in bytes: [UInt8]) -> Int {
        var cut = bytes.count
        for value in parts {
            let longest = min(value.count - 1, bytes.count)
            guard longest > 0 else { continue }
            let found = (1...longest).last { bytes.suffix($0).elementsEqual(value.prefix($0)) }
            cut = min(cut, bytes.count - (found ?? 0))
        }
        guard cut < bytes.count else { return 0 }
        // One that is there as a whole is not cut in two.
        for value in parts {
            for place in bytes.withUnsafeBufferPointer({ Self.places(of: value, in: $0) }) ?? []
            where place < cut && cut < place + value.count { cut = place + value.count }
        }
        return bytes.count - cut
    }

    /// How many bytes at the beginning may be the end of a secret whose beginning is missing; fewer than four tell nobody
    /// anything.
    func lengthOfEnd(in bytes: [UInt8]) -> Int {
        parts.map { value in
            let longest = min(value.count - 1, bytes.count)
            guard longest >= 4 else { return 0 }
            return (4...longest).last { bytes.prefix($0).elementsEqual(value.suffix($0)) } ?? 0
        }.max() ?? 0
    }

    /// - Returns: `nil` when there is none, which is nearly always.
    private static func places(of value: [UInt8], in text: UnsafeBufferPointer<UInt8>) -> [Int]? {
        guard text.count >= value.count else { return nil }
        var places: [Int]?
        var position = 0
        // A match can begin no later than this.
        let starts = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[...(text.count - value.count)])
        while let found = starts.firstIndex(ofByte: value[0], from: position) {
            if text[found..<found + value.count].elementsEqual(value) {
                places = (places ?? []) + [found]
                position = found + value.count
            } else {
                position = found + 1
            }
        }
        return places
    }
}
