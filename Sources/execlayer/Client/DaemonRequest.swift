internal import ToolKit

/// One request to a daemon, below ``apiRoot`` unless the path says otherwise.
struct DaemonRequest: Sendable, Hashable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    static let apiRoot = "/api/v1/execution"

    let method: Method
    /// Percent-encoded, with a leading slash.
    let path: String
    var query: [(name: String, value: String)] = []
    var body: JSONValue?
    /// `false` leaves the token out although there is one: for proving that it is asked for.
    var sendsToken = true

    /// - Parameter steps: Components below ``apiRoot``, not yet encoded.
    static func api(
        _ method: Method, _ steps: String..., query: [(name: String, value: String)] = [], body: JSONValue? = nil
    ) -> DaemonRequest {
        DaemonRequest(
            method: method, path: steps.reduce(apiRoot) { $0 + "/" + encoded($1) }, query: query, body: body)
    }

    static let health = DaemonRequest(method: .get, path: "/health", sendsToken: false)

    /// Path and query as they stand in the request line.
    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// Everything but RFC 3986's unreserved characters becomes `%XX`; `.` alone and `..` too, so that no client or
    /// proxy on the way takes them as steps.
    static func encoded(_ text: String) -> String {
        guard text != ".", text != ".." else { return text.replacing(".", with: "%2E") }
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + Hex.encode(CollectionOfOne(byte)).uppercased()
            }
        }
        return encoded
    }

    static func == (left: DaemonRequest, right: DaemonRequest) -> Bool {
        left.method == right.method && left.target == right.target && left.body == right.body
            && left.sendsToken == right.sendsToken
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(method)
        hasher.combine(target)
        hasher.combine(body)
    }
}
