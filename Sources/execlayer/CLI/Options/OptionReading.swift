internal import Gate
internal import ToolKit

/// Reads flags and variables and collects what is wrong with them.
struct OptionReading {
    /// A text and the flag or variable that it came from.
    struct Source {
        let text: String
        let name: String
    }

    let environment: [String: String]
    var problems: [String] = []

    init(environment: [String: String]) { self.environment = environment }

    /// A flag counts even when it is empty; a variable that is set to nothing counts as not set.
    func text(_ flag: String?, _ flagName: String, _ variable: String) -> Source? {
        if let flag { return Source(text: flag, name: flagName) }
        guard let value = environment[variable], !value.isEmpty else { return nil }
        return Source(text: value, name: variable)
    }

    mutating func integer(
        _ flag: String?, _ flagName: String, _ variable: String, in range: ClosedRange<Int>
    ) -> Int? {
        guard let source = text(flag, flagName, variable) else { return nil }
        guard let number = Int(source.text), range.contains(number) else {
            problems.append(
                "\(source.name) must be a number from \(range.lowerBound) to \(range.upperBound) "
                    + "(\(flagName) or \(variable))")
            return nil
        }
        return number
    }

    mutating func host(_ source: Source?) -> String {
        guard let source else { return "127.0.0.1" }
        guard !source.text.isEmpty, source.text.utf8.count <= 253, source.text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }),
            !source.text.contains("/")
        else {
            problems.append("\(source.name) must be an address or a name such as 127.0.0.1 (--host or EXECUTION_HOST)")
            return ""
        }
        return source.text
    }

    /// The sentence never shows the token.
    mutating func token(_ source: Source?) -> String? {
        guard let source else { return nil }
        guard !source.text.isEmpty, source.text.utf8.count <= 4_096, source.text.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
        else {
            problems.append(
                "\(source.name) must be 1 to 4096 visible ASCII characters without spaces (--token or EXECUTION_TOKEN)")
            return nil
        }
        return source.text
    }

    mutating func hosts(_ source: Source?) -> [String] {
        guard let source else { return [] }
        let names = source.text.split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).lowercased()
        }
        guard names.allSatisfy({ !$0.isEmpty && !$0.contains { "/*@ ".contains($0) } }) else {
            problems.append(
                "\(source.name) must be host names between commas, without schemes, paths or '*' "
                    + "(--allowed-hosts or EXECUTION_ALLOWED_HOSTS)")
            return []
        }
        return names
    }

    mutating func domains(_ source: Source?) -> AllowedDomains {
        guard let source else { return .none }
        do throws(WebURLError) {
            return try AllowedDomains(source.text)
        } catch {
            problems.append("\(source.name): \(error) (--allowed-domains or \(AllowedDomains.variable))")
            return .none
        }
    }

    mutating func logLevel(_ flag: String?, isVerbose: Bool) -> ServeOptions.LogLevel {
        guard let flag else { return isVerbose ? .debug : .info }
        guard let level = ServeOptions.LogLevel(rawValue: flag.lowercased()) else {
            let known = ServeOptions.LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            problems.append("--log-level must be one of \(known)")
            return .info
        }
        return level
    }

    /// Whoever asks for TLS must not get a daemon without it.
    mutating func refuseTransportSecurity() {
        for name in ["EXECUTION_TLS_CERT", "EXECUTION_TLS_KEY"] where !(environment[name] ?? "").isEmpty {
            problems.append("\(name) is set, but this build speaks no TLS; unset it and put a proxy in front")
        }
    }
}
