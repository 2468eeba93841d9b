internal import CHTML

/// Why a page was not read.
package enum ParseFailure: Error, Sendable, Hashable {
    /// It is made of more than is taken apart here.
    case tooComplex
    /// It is made so that taking it apart takes longer than it may.
    case tooSlow
}

/// How much taking one page apart may cost.
package struct ParseLimits: Sendable, Hashable {
    /// Bytes that the parser may allocate.
    package var memory = 384 << 20
    package var nanoseconds: UInt64 = 5_000_000_000
    package var nodes = 1_000_000

    package init() {}
}

extension Document {
    /// Takes a page apart as browsers do, by the HTML standard. Blocks.
    ///
    /// - Parameter text: Without a byte order mark.
    package init(html text: String, limits: ParseLimits = ParseLimits()) throws(ParseFailure) {
        var marked = FormMark.added(to: text)
        let parsed = marked.withUTF8 { bytes -> Result<Document, ParseFailure> in
            var tree: OpaquePointer?
            let result = bytes.withMemoryRebound(to: CChar.self) {
                // A pointer to nothing is none that gumbo takes.
                chtml_parse(
                    $0.baseAddress ?? UnsafePointer(Self.nothing), $0.count, limits.memory, limits.nanoseconds, &tree)
            }
            guard result == CHTML_OK, let tree else {
                return .failure(result == CHTML_TOO_LONG ? .tooSlow : .tooComplex)
            }
            defer { chtml_free(tree) }
            guard let root = chtml_document(tree) else { return .failure(.tooComplex) }
            var reader = TreeReader(limit: limits.nodes)
            return reader.read(root) ? .success(reader.document) : .failure(.tooComplex)
        }
        self = try parsed.get()
    }

    private static let nothing: StaticString = ""
}

extension UnsafePointer<CChar> {
    fileprivate init(_ text: StaticString) {
        self = UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}

/// Copies gumbo's tree, node by node and without recursion.
private struct TreeReader {
    var document = Document()
    let limit: Int

    init(limit: Int) { self.limit = limit }

    /// - Returns: Whether there was room for all of it.
    mutating func read(_ root: UnsafePointer<GumboNode>) -> Bool {
        // A node with where it goes; a place alone: everything below it is there.
        var waiting: [(node: UnsafePointer<GumboNode>?, place: Document.Index)] = [(nil, Document.root)]
        waiting += Self.children(root.pointee.v.document.children, below: Document.root)
        while let (node, place) = waiting.popLast() {
            guard let node else {
                document.close(place)
                continue
            }
            guard document.count < limit else { return false }
            switch node.pointee.type {
            case GUMBO_NODE_ELEMENT, GUMBO_NODE_TEMPLATE:
                let element = node.pointee.v.element
                let index = document.append(Self.element(element), below: place)
                waiting.append((nil, index))
                // To whoever runs scripts, and browsers do, it holds no elements.
                if element.tag == GUMBO_TAG_NOSCRIPT { continue }
                waiting += Self.children(element.children, below: index)
            case GUMBO_NODE_TEXT, GUMBO_NODE_WHITESPACE, GUMBO_NODE_CDATA: append(.text, node, below: place)
            case GUMBO_NODE_COMMENT: append(.comment, node, below: place)
            default: continue
            }
        }
        return true
    }

    private mutating func append(
        _ kind: Document.Kind, _ node: UnsafePointer<GumboNode>, below place: Document.Index
    ) {
        let text = FormMark.removed(from: node.pointee.v.text.text.map { String(cString: $0) } ?? "")
        // What is left of a mark that was read as one.
        if kind == .comment, text.isEmpty, node.pointee.v.text.original_text.length == FormMark.text.utf8.count {
            return
        }
        document.close(document.append(.init(kind: kind, text: text), below: place))
    }

    /// The last first, as a stack wants them.
    private static func children(
        _ vector: GumboVector, below place: Document.Index
    ) -> [(UnsafePointer<GumboNode>?, Document.Index)] {
        (0..<Int(vector.length)).reversed().compactMap { number in
            guard let child = vector.data?[number] else { return nil }
            return (UnsafePointer(child.assumingMemoryBound(to: GumboNode.self)), place)
        }
    }

    private static func element(_ element: GumboElement) -> Document.Node {
        let namespace: Document.Namespace =
            switch element.tag_namespace {
            case GUMBO_NAMESPACE_SVG: .svg
            case GUMBO_NAMESPACE_MATHML: .mathML
            default: .html
            }
        return Document.Node(
            kind: .element, namespace: namespace, name: name(element, namespace), attributes: attributes(element))
    }

    private static func name(_ element: GumboElement, _ namespace: Document.Namespace) -> String {
        var piece = element.original_tag
        gumbo_tag_from_original_text(&piece)
        if namespace == .svg, piece.length > 0, let name = gumbo_normalize_svg_tagname(&piece) {
            return String(cString: name)
        }
        if element.tag != GUMBO_TAG_UNKNOWN { return String(cString: gumbo_normalized_tagname(element.tag)) }
        guard let data = piece.data else { return "" }
        let bytes = UnsafeRawBufferPointer(start: data, count: piece.length)
        return String(decoding: bytes.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
            .replacing("\0", with: "\u{FFFD}")
    }

    private static func attributes(_ element: GumboElement) -> [Document.Attribute] {
        (0..<Int(element.attributes.length)).compactMap { number in
            guard let pointer = element.attributes.data?[number] else { return nil }
            let attribute = pointer.assumingMemoryBound(to: GumboAttribute.self).pointee
            guard let name = attribute.name else { return nil }
            let prefix =
                switch attribute.attr_namespace {
                case GUMBO_ATTR_NAMESPACE_XLINK: "xlink:"
                case GUMBO_ATTR_NAMESPACE_XML: "xml:"
                case GUMBO_ATTR_NAMESPACE_XMLNS where String(cString: name) != "xmlns": "xmlns:"
                default: ""
                }
            return Document.Attribute(
                name: prefix + String(cString: name),
                value: FormMark.removed(from: attribute.value.map { String(cString: $0) } ?? ""))
        }
    }
}
