internal import HummingbirdCore
internal import ToolKit

/// The query of a request, decoded.
struct Query {
    private let values: [String: String]

    /// - Throws: ``HTTPRefusal`` 422 for a name that comes twice, or without a value: nobody could say what is meant.
    init(_ request: RouteRequest) throws(HTTPRefusal) {
        var values: [String: String] = [:]
        for (name, value) in request.request.uri.queryParameters {
            let name = String(name)
            guard !value.isEmpty else { throw .field(String(name.prefix(64)), "has no value") }
            guard values.updateValue(String(value), forKey: name) == nil else {
                throw .field(String(name.prefix(64)), "is given twice")
            }
        }
        self.values = values
    }

    func text(_ name: String) -> String? { values[name] }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(HTTPRefusal) -> Int? {
        guard let text = text(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw .field(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Value.Type
    ) throws(HTTPRefusal) -> Value? where Value.RawValue == String {
        guard let text = text(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw .field(name, "must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    func boolean(_ name: String) throws(HTTPRefusal) -> Bool {
        switch text(name) {
        case "true": return true
        case "false": return false
        case nil: throw .field(name, "is required")
        default: throw .field(name, "must be true or false")
        }
    }
}
