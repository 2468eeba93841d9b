internal import ToolKit

extension OpenPage {
    /// Characters of everything that one step reads.
    private static let textLimit = 1 << 20

    func extract(_ element: PageElement, _ content: PageAction.Content, _ all: Bool) async throws -> JSONValue {
        let end = stepEnd
        return try await soon(until: end) {
            let answer = try await read(element, content, all: all, until: end)
            try require(answer, element)
            return all ? answer["values"] ?? [] : answer["values"]?.arrayValue?.first ?? .null
        }
    }

    func texts(of element: PageElement, onlySeen: Bool) async throws -> [String] {
        let end = stepEnd
        return try await patiently(until: end) { end in
            if onlySeen, try await objection(to: element, being: .visible, until: end) != nil { return [] }
            let answer = try await read(element, .text, all: true, until: end)
            if answer["invalid"]?.boolValue == true { throw PageTrouble.invalidSelector(element) }
            return answer["values"]?.arrayValue?.compactMap(\.stringValue) ?? []
        }
    }

    private func read(
        _ element: PageElement?, _ content: PageAction.Content, all: Bool, until end: ContinuousClock.Instant
    ) async throws -> JSONValue {
        guard let (document, _) = try await document(of: element ?? PageElement("html"), until: end) else {
            return ["count": 0]
        }
        var attribute = JSONValue.null
        if case .attribute(let name) = content { attribute = .string(name) }
        let kind =
            switch content {
            case .text: "text"
            case .html: "html"
            case .value: "value"
            case .attribute: "attribute"
            }
        return try await evaluate(
            PageScripts.read,
            [
                element.map { .string($0.selector) } ?? .null, .string(kind), attribute, .bool(all),
                .integer(Self.textLimit),
            ], in: document, until: end)
    }

    /// Waits until it is so.
    ///
    /// - Throws: ``ToolFailure`` with the code `expectation_failed` and what was found instead.
    func expect(_ expectation: PageExpectation) async throws {
        let end = stepEnd
        try await soon(until: end) {
            switch expectation.subject {
            case .presence(let element, let presence):
                if let failure = try await objection(to: element, being: presence, until: end) {
                    throw NotYet(failure)
                }
            case .url: try compare("the URL", try await location(until: end)["url"]?.stringValue, expectation)
            case .title: try compare("the title", try await location(until: end)["title"]?.stringValue, expectation)
            case .text(let element):
                let answer = try await read(element, .text, all: false, until: end)
                if let element { try require(answer, element) }
                try compare("the text", answer["values"]?.arrayValue?.first?.stringValue, expectation)
            case .value(let element):
                let answer = try await read(element, .value, all: false, until: end)
                try require(answer, element)
                try compare("the value", answer["values"]?.arrayValue?.first?.stringValue, expectation)
            case .count(let element):
                guard let (document, _) = try await document(of: element, until: end) else {
                    throw NotYet(PageTrouble.notFound(element))
                }
                let answer = try await evaluate(
                    PageScripts.presence, [.string(element.selector)], in: document, until: end)
                if answer["invalid"]?.boolValue == true { throw PageTrouble.invalidSelector(element) }
                var wanted = expectation
                wanted.comparison = .equals
                try compare("the number of elements", answer["count"]?.integerValue.map { "\($0)" }, wanted)
            }
        }
    }

    private func location(until end: ContinuousClock.Instant) async throws -> JSONValue {
        try await evaluate(PageScripts.location, [], in: .main(self), until: end)
    }

    private func compare(_ subject: String, _ found: String?, _ expectation: PageExpectation) throws {
        let isSo =
            switch expectation.comparison {
            case .contains: found.map { expectation.expected.isEmpty || $0.contains(expectation.expected) } ?? false
            case .equals: found.map { Self.trimmed($0) == Self.trimmed(expectation.expected) } ?? false
            }
        guard !isSo else { return }
        let verb = expectation.comparison == .contains ? "does not contain" : "is not"
        let instead = found.map { "; it is \(JSONWriter.quoted(String($0.prefix(200))))" } ?? "; there is none"
        throw NotYet(
            ToolFailure(
                "expectation_failed",
                "\(subject) \(verb) \(JSONWriter.quoted(String(expectation.expected.prefix(200))))\(instead)",
                remedy: "look at the page, or correct what is expected"))
    }

    private static func trimmed(_ text: String) -> Substring {
        var rest = text[...]
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest.drop { $0.isWhitespace }
    }
}
