internal import Gate
internal import HTTPTypes
internal import ToolKit

/// Where a request carries what it is recognised by: the header of the older clients, the standard one, or the cookie of a
/// browser that signed in.
enum Credential {
    static let cookieName = "daena_execution_token"

    /// The first that is there, headers before the cookie: what a program says beats what a browser adds by itself. An
    /// empty header is none, as a client sends it whose variable is not set; a scheme that is not ours is a wrong token.
    static func proof(in headers: HTTPFields) -> Proof {
        // One walk: to ask the fields by name makes an index of them first. Neither comes twice, the guard sees to that.
        var authorization = ""
        for field in headers {
            if field.name == .executionToken, !field.value.isEmpty { return .token(field.value) }
            if field.name == .authorization { authorization = field.value }
        }
        if !authorization.isEmpty {
            let words = authorization.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0].lowercased() == "bearer" else { return .token("") }
            return .token(words[1].trimmingPrefix(while: { $0 == " " }).description)
        }
        return session(in: headers)
    }

    /// What the cookie says. Browsers of older clients keep the token itself in it; they send no key.
    static func session(in headers: HTTPFields) -> Proof {
        guard let value = cookie(in: headers) else { return .none }
        let key = headers[.sessionKey].flatMap { $0.isEmpty ? nil : $0 }
        guard key != nil || SessionID.isWellFormed(value) else { return .token(value) }
        return .session(id: value, key: key)
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

    /// The `Set-Cookie` header of a sign-in. It goes with the browser's own session, and is not `Secure`: this daemon
    /// speaks no TLS and believes no header about how a request came to whoever forwarded it.
    static func setCookie(_ session: Authenticator.SignIn) -> String {
        "\(cookieName)=\(session.id); HttpOnly; SameSite=Strict; Path=/"
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
    static let sessionKey = constant("X-Execution-Session")

    /// - Precondition: `name` is a header name.
    static func constant(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        return field
    }
}
