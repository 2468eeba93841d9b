internal import HTML
internal import ToolKit

/// A page that was fetched, as text and tree.
struct WebPage {
    struct Limits {
        /// In bytes.
        let text: Int
        let links: Int
        /// Cells of tables, a row counting as one more.
        let cells: Int
    }

    private let url: WebURL
    private let contentType: String
    private let charset: Charset
    private let text: String
    /// Whether it is shown as it is, and not taken apart.
    private let isPlain: Bool

    /// - Throws: ``ToolFailure`` for what is no text.
    init(_ answer: WebAnswer) throws(ToolFailure) {
        url = answer.url
        let type = answer.contentType.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
        contentType = type
        switch type {
        case "", "text/html", "application/xhtml+xml", "application/xml", "text/xml": isPlain = false
        case _ where type.hasPrefix("text/") || type == "application/json" || type.hasSuffix("+json"): isPlain = true
        case _ where type.hasSuffix("+xml"): isPlain = false
        default:
            throw ToolFailure(
                "not_a_page", "\(answer.url.endpoint) answered with something that is no text",
                remedy: "fetch a page; images, archives and documents are not read")
        }
        let (charset, mark) = Charset.of(answer.body, contentType: answer.contentType)
        // JSON is UTF-8 and does not say so.
        let isJSON = type.hasSuffix("json") && charset == .western
        self.charset = isJSON ? .utf8 : charset
        text = self.charset.decode(answer.body[mark...])
    }

    /// - Throws: ``ToolFailure`` for a page that is too complex, ``CallInterrupted``.
    func read(
        _ selector: Selector?, mode: String, in context: ToolContext, limits: Limits
    ) throws -> [String: JSONValue] {
        var result: [String: JSONValue] = [
            "content_type": .string(contentType), "encoding": .string(charset.name),
        ]
        guard !isPlain else {
            let cut = String(decoding: text.utf8.prefix(limits.text), as: UTF8.self)
            result["result"] = mode == "text" && selector == nil ? .string(cut) : mode == "text" ? "" : []
            if selector != nil { result["count"] = 0 }
            if text.utf8.count > limits.text { result["truncated"] = true }
            return result
        }
        let document = try Self.document(text)
        let places = try selector.map { try Self.find($0, in: document, context) }
        result["title"] = JSONValue(document.title)
        if let places { result["count"] = .integer(places.count) }
        let (value, isTruncated) = try extract(mode, of: document, places, context, limits)
        result["result"] = value
        if isTruncated { result["truncated"] = true }
        return result
    }

    private static func document(_ text: String) throws(ToolFailure) -> Document {
        do throws(ParseFailure) {
            return try Document(html: text)
        } catch {
            throw ToolFailure(
                "too_complex", "the page is too large or too entangled to be taken apart",
                remedy: "fetch a simpler page")
        }
    }

    private static func find(
        _ selector: Selector, in document: Document, _ context: ToolContext
    ) throws -> [Document.Index] {
        var matcher = SelectorMatcher(document) { try context.checkLimits() }
        do {
            return try matcher.find(selector)
        } catch is SelectorTooCostly {
            throw ToolFailure(
                "too_complex", "the selector takes too many steps on this page",
                remedy: "use a simpler selector, with fewer parts that may stand anywhere")
        }
    }

    private func extract(
        _ mode: String, of document: Document, _ places: [Document.Index]?, _ context: ToolContext, _ limits: Limits
    ) throws -> (JSONValue, isTruncated: Bool) {
        switch mode {
        case "links":
            let (links, isTruncated) = document.links(in: places ?? [Document.root], limit: limits.links)
            let base = document.base.flatMap { try? url.resolving($0) } ?? url
            let list = links.map { link -> JSONValue in
                let target = try? base.resolving(link.href)
                return [
                    "text": .string(link.text), "href": .string(link.href), "url": JSONValue(target?.description),
                ]
            }
            return (.array(list), isTruncated)
        case "tables":
            let (tables, isTruncated) = document.tables(in: places ?? [Document.root], limit: limits.cells)
            let list = tables.map { table in
                JSONValue.array(table.map { .array($0.map(JSONValue.string)) })
            }
            return (.array(list), isTruncated)
        default:
            guard let places else {
                let (text, isTruncated) = document.text(of: Document.root, limit: limits.text)
                return (.string(text), isTruncated)
            }
            var texts: [String] = []
            var room = limits.text
            for place in places {
                try context.checkLimits()
                let (text, isCut) = document.text(of: place, limit: room)
                texts.append(text)
                room -= text.utf8.count + 1
                if isCut || room <= 0 { return (.string(texts.joined(separator: "\n")), true) }
            }
            return (.string(texts.joined(separator: "\n")), false)
        }
    }
}
