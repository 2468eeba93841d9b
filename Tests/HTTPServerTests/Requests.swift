/// A request whose lines end as HTTP wants them, with the Host that is always admitted.
func request(
    _ line: String, _ headers: [String] = [], body: String = "", closing: Bool = true
) -> String {
    var lines = [line, "Host: localhost"]
    lines += headers
    if closing { lines.append("Connection: close") }
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
}

/// A POST of JSON with its length.
func post(_ path: String, _ body: String, _ headers: [String] = [], closing: Bool = true) -> String {
    request(
        "POST \(path) HTTP/1.1", ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] + headers,
        body: body, closing: closing)
}

/// What nobody must ever answer when it comes behind something refused.
let smuggled = request("GET /smuggled HTTP/1.1")
