/// What a browser gets of a script or a style sheet: without indentation and without the comments that have lines of their
/// own, which only readers of the sources need. Every line keeps its number.
///
/// This knows lines, not the languages. So the sources keep to two rules, which a test holds them to: no string or template
/// goes over the end of a line, and nothing follows a comment on the line where it ends.
enum ServedText {
    static func of(_ source: [UInt8]) -> [UInt8] {
        var served: [UInt8] = []
        served.reserveCapacity(source.count)
        var isComment = false
        for line in source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let text = line.drop { $0 == UInt8(ascii: " ") }
            isComment = isComment || text.starts(with: "/*".utf8)
            if !isComment, !text.starts(with: "//".utf8) { served += text }
            if isComment, text.reversed().starts(with: "/*".utf8) { isComment = false }
            served.append(UInt8(ascii: "\n"))
        }
        // The split has found one line more than there are ends.
        served.removeLast()
        return served
    }
}
