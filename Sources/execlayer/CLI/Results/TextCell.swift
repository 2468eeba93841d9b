internal import ToolKit

/// One value in one cell. Not yet made safe for a terminal: tables and named lines do that.
enum TextCell {
    static func text(of value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number): shortened(number)
        case .string(let text): text
        case .array(let elements) where elements.allSatisfy { $0.stringValue != nil }:
            elements.compactMap(\.stringValue).joined(separator: ", ")
        default: String(decoding: JSONWriter.write(value), as: UTF8.self)
        }
    }

    /// Times, by the contract's naming, as dates.
    static func text(of value: JSONValue, named name: String) -> String {
        if name == "ts" || name == "last_modified" || name.hasSuffix("_at"), let seconds = value.doubleValue {
            return Timestamp.text(seconds)
        }
        return text(of: value)
    }

    /// At most two digits behind the point: these are for eyes, `--json` has them all.
    private static func shortened(_ number: Double) -> String {
        let rounded = (number * 100).rounded() / 100
        return rounded.isFinite ? rounded.description : number.description
    }
}
