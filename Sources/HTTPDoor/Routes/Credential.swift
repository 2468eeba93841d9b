internal import HTTPTypes
internal import ToolKit

/// Where a request carries its token: the header of the older clients, the standard one, or the dashboard's cookie.
enum Credential {
    static let cookieName = "daena_execution_token"

    /// The first that is there, headers before the cookie: what a program says beats what a browser adds by itself. An
    /// empty header is none, as a client sends it whose variable is not set; a scheme that is not ours is a wrong token.
    static func token(in headers: HTTPFields) -> String? {
        if let token = headers[.executionToken], !token.isEmpty { return token }
        if let authorization = headers[.authorization], !authorization.isEmpty {
            let words = authorization.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0].lowercased() == "bearer" else { return "" }
            return words[1].trimmingPrefix(while: { $0 == " " }).description
        }
        return cookie(in: headers)
    }

    /// RFC 6265, 4.2.1 and 5.2: pairs between semicolons, white space around names and values is not theirs, and the
    /// quotes around a value are not part of it.
    private static func cookie(in headers: HTTPFields) -> String? {
        for pair in headers[values: .cookie].joined(separator: ";").split(separator: ";") {
            guard let equals = pair.firstIndex(of: "="), trimmed(pair[..<equals]) == cookieName else { continue }
            var value = trimmed(pair[pair.index(after: equals)...])
            if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") { value = value.dropFirst().dropLast() }
            return decoded(value)
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }

    /// The value of the `Set-Cookie` header that keeps a token. What no cookie may hold (RFC 6265, 4.1.1), and `%`
    /// itself, stands as `%XX`: a semicolon in a token would end the value and begin an attribute.
    static func setCookie(_ token: String) -> String {
        var value = ""
        for byte in token.utf8 {
            switch byte {
            case 0x22, 0x25, 0x2C, 0x3B, 0x5C, 0...0x20, 0x7F...: value += "%" + Hex.encode([byte])
            default: value.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return "\(cookieName)=\(value); HttpOnly; SameSite=Strict; Path=/"
    }

    /// The `Set-Cookie` header that takes it away again.
    static let forgetCookie = "\(cookieName)=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0"

    private static func decoded(_ value: Substring) -> String {
        guard value.utf8.contains(UInt8(ascii: "%")) else { return String(value) }
        var bytes: [UInt8] = []
        var rest = value.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = Hex.decode(String(Substring(rest.prefix(2)))), code.count == 1 {
                bytes += code
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension HTTPField.Name {
    static let executionToken = constant("X-Execution-Token")

    /// - Precondition: `name` is a header name.
    static func constant(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        return field
    }
}
