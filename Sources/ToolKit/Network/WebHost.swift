internal import Foundation

/// The host of a URL or of a rule in its one canonical form (SECURITY R38).
public enum WebHost: Sendable, Hashable {
    /// Lower case ASCII, dots between labels, none at the end; labels of other scripts in their `xn--` form.
    case name(String)
    case address(IPAddress)

    /// - Parameter text: As in a URL: an address of version 6 in brackets.
    /// - Throws: ``WebURLError`` for whatever two readers could understand differently.
    public init(_ text: some StringProtocol) throws(WebURLError) {
        guard !text.isEmpty else { throw WebURLError("has no host") }
        if text.hasPrefix("[") {
            let inner = text.dropFirst().dropLast().lowercased()
            guard text.hasSuffix("]"), let address = IPAddress(canonical: inner), case .v6 = address else {
                throw WebURLError(
                    "names an address that is not in its one canonical form; write it as RFC 5952 does, without a zone")
            }
            guard address.kind != .mapped else {
                throw WebURLError("names an address of version 4 in the form of version 6; write it as a.b.c.d")
            }
            self = .address(address)
            return
        }
        let name = try Self.name(text)
        guard let last = name.split(separator: ".").last, !Self.isNumeric(last) else {
            guard let address = IPAddress.dotted(name) else {
                throw WebURLError("names an address that is not in its one canonical form; write it as a.b.c.d")
            }
            self = .address(.v4(address))
            return
        }
        self = .name(name)
    }

    /// What a reader of old takes for a number: decimal, octal or hexadecimal digits.
    private static func isNumeric(_ label: Substring) -> Bool {
        if label.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) { return true }
        return label.hasPrefix("0x")
            && label.dropFirst(2).utf8.allSatisfy { byte in
                0x30...0x39 ~= byte || 0x61...0x66 ~= byte
            }
    }

    private static func name(_ text: some StringProtocol) throws(WebURLError) -> String {
        guard text.utf8.count <= 1_024 else { throw WebURLError("has a host of more than 253 characters") }
        guard !text.hasSuffix(".") else {
            throw WebURLError("has a dot at the end of its host; leave it out")
        }
        var labels: [String] = []
        for label in String(text).utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            labels.append(try Self.label(Substring(label)))
        }
        let name = labels.joined(separator: ".")
        guard name.utf8.count <= 253 else { throw WebURLError("has a host of more than 253 characters") }
        return name
    }

    private static func label(_ label: some StringProtocol) throws(WebURLError) -> String {
        guard !label.isEmpty else { throw WebURLError("has an empty part in its host") }
        var ascii = ""
        if label.utf8.allSatisfy({ $0 < 0x80 }) {
            ascii = label.lowercased()
        } else {
            ascii = "xn--" + (try Punycode.encode(international(label)))
        }
        guard ascii.utf8.count <= 63 else { throw WebURLError("has a part of more than 63 characters in its host") }
        let isPlain = ascii.utf8.allSatisfy { byte in
            0x61...0x7A ~= byte || 0x30...0x39 ~= byte || byte == UInt8(ascii: "-")
        }
        guard isPlain, ascii.utf8.first != UInt8(ascii: "-"), ascii.utf8.last != UInt8(ascii: "-") else {
            throw WebURLError("has characters in its host that no host name has; letters, digits and '-' make one")
        }
        return ascii
    }

    /// Letters of other scripts in lower case. What IDNA would first replace by something else is refused: full-width
    /// letters, ligatures, invisible characters, dots of other scripts.
    private static func international(_ label: some StringProtocol) throws(WebURLError) -> [Unicode.Scalar] {
        let lower = label.lowercased()
        let scalars = Array(lower.unicodeScalars)
        let isStable =
            scalars.allSatisfy(Self.isFit) && scalars.contains(where: \.properties.isAlphabetic)
            && scalars.elementsEqual(lower.precomposedStringWithCanonicalMapping.unicodeScalars)
        guard isStable, let first = scalars.first, !Self.isMark(first) else {
            throw WebURLError("has characters in its host that stand for others; write the xn-- form that is meant")
        }
        return scalars
    }

    private static func isFit(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return true }
        guard !scalar.properties.changesWhenNFKCCaseFolded else { return false }
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber: return true
        default: return isMark(scalar)
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }
}

extension WebHost: CustomStringConvertible {
    /// As in a URL.
    public var description: String {
        switch self {
        case .name(let name): name
        case .address(let address):
            if case .v6 = address { "[\(address)]" } else { address.description }
        }
    }
}
