internal import ToolKit

/// A line as it stands in a file, its own hash checked.
struct StoredLine: Sendable {
    let seq: Int
    let prev: LineHash
    let hash: LineHash
    let keys: LineKeys
    /// All members, those of the chain included.
    let fields: [String: JSONValue]

    /// - Parameter line: Without its newline.
    /// - Throws: What is wrong with the line by itself; whether it follows its predecessor is not asked here.
    init(_ line: UnsafeRawBufferPointer) throws(LineProblem) {
        guard !line.isEmpty else { throw LineProblem(.emptyLine, "the line is empty") }
        guard line.count < LineFormat.maximumLine else {
            throw LineProblem(.tooLong, "the line is longer than \(LineFormat.maximumLine) bytes")
        }
        if line.last == UInt8(ascii: "\r") {
            throw LineProblem(.carriageReturn, "the line ends with a carriage return: the file was converted")
        }
        guard let hash = LineFormat.statedHash(of: line) else {
            throw LineProblem(.hashMissing, "the line does not end in its hash")
        }
        let content = UnsafeRawBufferPointer(rebasing: line[..<(line.count - LineFormat.hashSuffix)])
        guard LineHash.ofLine(content) == hash else {
            throw LineProblem(.hashMismatch, "the line does not have the hash it names: it was edited")
        }
        let document: JSONValue
        do {
            document = try JSONReader.read(line)
        } catch {
            throw LineProblem(.notJSON, "the line is not JSON: \(error.reason)")
        }
        guard case .object(let fields) = document else { throw LineProblem(.notJSON, "the line is not a JSON object") }
        guard let seq = fields["seq"]?.integerValue, let prev = fields["prev"]?.stringValue.flatMap(LineHash.init(hex:))
        else { throw LineProblem(.memberMissing, "the line lacks seq or prev") }
        guard let kind = fields["kind"]?.stringValue.flatMap(LineKind.init(rawValue:)) else {
            throw LineProblem(.memberMissing, "the line has no kind that is known here")
        }
        let auditID = fields["audit_id"]?.stringValue
        guard kind == .checkpoint || auditID != nil else {
            throw LineProblem(.memberMissing, "the line lacks audit_id")
        }
        self.seq = seq
        self.prev = prev
        self.hash = hash
        self.fields = fields
        keys = LineKeys(kind: kind, auditID: auditID ?? "", fields: fields)
    }
}
