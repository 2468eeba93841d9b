internal import HummingbirdCore
internal import ToolKit

/// The query of a request, decoded; of a name that comes twice the last value counts.
struct Query {
    private let values: [String: String]

    init(_ request: RouteRequest) {
        var values: [String: String] = [:]
        for (name, value) in request.request.uri.queryParameters { values[String(name)] = String(value) }
        self.values = values
    }

    /// An empty value counts as none.
    func text(_ name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

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
