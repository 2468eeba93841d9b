/// Pictures as text of an answer.
enum PictureText {
    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        return String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { text in
            var place = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let count = min(3, bytes.count - start)
                let group = (0..<3).reduce(UInt32(0)) { $0 << 8 | ($1 < count ? UInt32(bytes[start + $1]) : 0) }
                for digit in 0..<4 {
                    let value = Int(group >> UInt32(18 - 6 * digit)) & 63
                    text[place] = digit <= count ? alphabet[value] : UInt8(ascii: "=")
                    place += 1
                }
            }
            return place
        }
    }
}
