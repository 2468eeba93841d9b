internal import ToolKit

/// Exact values that are replaced wherever they stand, also within a longer text (SECURITY R37).
struct KnownSecrets: Sendable {
    private static let shortest = 8

    private let values: [[UInt8]]

    init(_ values: [String]) {
        // The longest first: one may be part of another.
        self.values = Set(values.map { Array($0.utf8) }.filter { $0.count >= Self.shortest })
            .sorted { $0.count > $1.count }
    }

    var isAny: Bool { !values.isEmpty }

    func removed(from text: String) -> String {
        guard !values.isEmpty, text.utf8.count >= Self.shortest else { return text }
        var text = text
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
