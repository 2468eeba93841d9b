internal import HTTPTypes

/// Where a request carries its token: the header of the older clients, the standard one, or the dashboard's cookie.
enum Credential {
    static let cookieName = "daena_execution_token"

    /// The first that is there, headers before the cookie: what a program says beats what a browser adds by itself. An
    /// empty header counts as a wrong token, not as none.
    static func token(in headers: HTTPFields) -> String? {
        if let token = headers[.executionToken] { return token }
        if let authorization = headers[.authorization] {
            let words = authorization.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0].lowercased() == "bearer" else { return "" }
            return words[1].trimmingPrefix(while: { $0 == " " }).description
        }
        return cookie(in: headers)
    }

    private static func cookie(in headers: HTTPFields) -> String? {
        for pair in headers[values: .cookie].joined(separator: ";").split(separator: ";") {
            let parts = pair.trimmingPrefix(while: { $0 == " " }).split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == cookieName { return String(parts[1]) }
        }
        return nil
    }
}

extension HTTPField.Name {
    static let executionToken = constant("X-Execution-Token")

    /// - Precondition: `name` is a header name.
    private static func constant(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        return field
    }
}
