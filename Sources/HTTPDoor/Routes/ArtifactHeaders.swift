internal import HTTPTypes
internal import ToolKit

/// The headers that a kept file is sent with. A program wrote it, so no browser may take it for a page of this origin: it is
/// saved, not shown, never sniffed, and if somebody shows it all the same it can do nothing.
enum ArtifactHeaders {
    /// - Parameter beginning: The file's first bytes.
    static func fields(for artifact: Artifact, beginning: [UInt8]) -> HTTPFields {
        var fields = Self.fields(named: artifact.name, mediaType: mediaType(of: beginning))
        fields[.eTag] = "\"\(artifact.sha256)\""
        return fields
    }

    /// The same for something that is made at the moment.
    static func fields(named name: String, mediaType: String) -> HTTPFields {
        var fields: HTTPFields = [
            .contentType: mediaType,
            .contentDisposition: disposition(of: name),
            .contentSecurityPolicy: "default-src 'none'; sandbox",
        ]
        if let name = HTTPField.Name("Cross-Origin-Resource-Policy") { fields[name] = "same-origin" }
        return fields
    }

    /// Images by their first bytes, because the name says nothing; everything else is bytes.
    static func mediaType(of beginning: [UInt8]) -> String {
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
        if beginning.starts(with: png) { return "image/png" }
        if beginning.starts(with: [0xFF, 0xD8, 0xFF] as [UInt8]) { return "image/jpeg" }
        return "application/octet-stream"
    }

    /// RFC 6266: a name of plain characters for everybody, and the real one, encoded, for those who read it. Folders are
    /// left out.
    static func disposition(of name: String) -> String {
        let last = name.split(separator: "/").last.map(String.init) ?? ""
        var plain = String(
            last.unicodeScalars.prefix(100).map { scalar -> Character in
                isPlain(scalar) ? Character(scalar) : "_"
            })
        // Neither hidden nor a step upwards once it is saved.
        while plain.hasPrefix(".") { plain.removeFirst() }
        if plain.isEmpty { plain = "artifact" }
        guard plain != last, !last.isEmpty, last.utf8.count <= 255, !last.hasPrefix(".") else {
            return "attachment; filename=\"\(plain)\""
        }
        var encoded = ""
        for byte in last.utf8 {
            let scalar = Unicode.Scalar(byte)
            if byte < 0x80, isPlain(scalar) {
                encoded.unicodeScalars.append(scalar)
            } else {
                encoded += "%" + Hex.encode([byte]).uppercased()
            }
        }
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(encoded)"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": true
        default: false
        }
    }
}
