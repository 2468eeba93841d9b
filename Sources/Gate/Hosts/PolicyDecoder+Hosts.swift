internal import ToolKit

/// `hosts:`, the rules for what calls may reach on the network.
extension PolicyDecoder {
    private static let ruleKeys = [
        "name", "match", "except", "ports", "schemes", "private", "verdict", "reason", "examples",
    ]

    mutating func hostRules(_ value: YAMLValue) -> [EgressRule] {
        rules(value, "hosts", name: \.name) { $0.hostRule($1, field: $2) }
    }

    /// - Returns: `nil` when something is wrong with it.
    private mutating func hostRule(_ value: YAMLValue, field: String) -> EgressRule? {
        guard case .mapping(let members, let line) = value else {
            problem(value.line, "\(field) must be a rule, not \(value.kindName)")
            return nil
        }
        let before = problems.count
        let parts = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        for member in members where !Self.ruleKeys.contains(member.key) {
            unknown(member, among: Self.ruleKeys, in: field)
        }
        let name = ruleName(parts["name"], line, "\(field).name")
        if name == AllowedDomains.variable { problem(line, "\(field).name is reserved") }
        let reason = required(parts["reason"], line, "\(field).reason", lengthLimit: 500)
        let matches = hostPatterns(parts["match"], line, "\(field).match", isRequired: true)
        let exceptions = hostPatterns(parts["except"], line, "\(field).except", isRequired: false)
        let ports = ports(parts["ports"], line, "\(field).ports")
        let schemes = schemes(parts["schemes"], line, "\(field).schemes")
        let reachesPrivate = flag(parts["private"], "\(field).private")
        let verdict = verdict(parts["verdict"], "\(field).verdict")
        if parts["verdict"] == nil { problem(line, "\(field).verdict is required") }
        let examples = self.examples(parts["examples"], line, "\(field).examples", of: "URL")
        guard problems.count == before, let verdict else { return nil }
        let rule = EgressRule(
            name: name, matches: matches, exceptions: exceptions, ports: ports, schemes: schemes,
            reachesPrivate: reachesPrivate, verdict: verdict, reason: reason)
        run(examples, rule)
        return rule
    }

    mutating func hostPatterns(
        _ value: YAMLValue?, _ line: Int, _ field: String, isRequired: Bool
    ) -> [HostPattern] {
        texts(value, line, field, isRequired: isRequired).compactMap { text, line in
            do throws(WebURLError) {
                return try HostPattern(text)
            } catch {
                problem(line, "\(field) pattern \(JSONWriter.quoted(String(text.prefix(100)))) \(error)")
                return nil
            }
        }
    }

    private mutating func ports(_ value: YAMLValue?, _ line: Int, _ field: String) -> Set<Int> {
        guard value != nil else { return [] }
        let ports = texts(value, line, field, isRequired: true).compactMap { text, line -> Int? in
            if let port = try? WebURL.readPort(text) { return port }
            problem(line, "\(field) must hold numbers from 1 to 65535")
            return nil
        }
        return Set(ports)
    }

    private mutating func schemes(_ value: YAMLValue?, _ line: Int, _ field: String) -> Set<WebURL.Scheme> {
        guard value != nil else { return Set(WebURL.Scheme.allCases) }
        let schemes = texts(value, line, field, isRequired: true).compactMap { text, line -> WebURL.Scheme? in
            if let scheme = WebURL.Scheme(rawValue: text) { return scheme }
            problem(line, "\(field) must hold http or https")
            return nil
        }
        return Set(schemes)
    }

    private mutating func run(_ examples: Examples, _ rule: EgressRule) {
        for (expectation, list) in [(true, examples.match), (false, examples.notMatch)] {
            for (text, line) in list {
                let url: WebURL
                do throws(WebURLError) {
                    url = try WebURL(text)
                } catch {
                    problem(
                        line, "rule \"\(rule.name)\": the example \(JSONWriter.quoted(text)) is no URL: it \(error)")
                    continue
                }
                guard (rule.hit(url.endpoint) != nil) != expectation else { continue }
                let outcome = expectation ? "is not matched" : "is matched"
                problem(line, "rule \"\(rule.name)\": the example \(JSONWriter.quoted(text)) \(outcome) by it")
            }
        }
    }
}
