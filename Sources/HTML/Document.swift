/// A page as a tree of numbers: a node is its place in one array, in the order of the document. Whoever walks it needs no
/// recursion, however deep a page is nested.
package struct Document: Sendable {
    package typealias Index = Int

    package enum Kind: Sendable, Hashable {
        case document
        case element
        case text
        case comment
    }

    package enum Namespace: Sendable, Hashable {
        case html
        case svg
        case mathML
    }

    package struct Attribute: Sendable, Hashable {
        /// Lower case, but for those of SVG that are not; with its prefix.
        package var name: String
        package var value: String
    }

    struct Node: Sendable {
        var kind: Kind
        var namespace = Namespace.html
        /// Of an element, as HTML spells it.
        var name = ""
        var attributes: [Attribute] = []
        var text = ""
        var parent: Index = -1
        var firstChild: Index = -1
        var lastChild: Index = -1
        var next: Index = -1
        var previous: Index = -1
        /// The place behind everything below it.
        var end: Index = 0
    }

    private(set) var nodes: [Node] = [Node(kind: .document)]

    package static let root: Index = 0

    package var count: Int { nodes.count }

    /// - Returns: The place of the node, or of the text in front that it was added to.
    mutating func append(_ node: Node, below parent: Index) -> Index {
        let last = nodes[parent].lastChild
        if node.kind == .text, last >= 0, nodes[last].kind == .text {
            nodes[last].text += node.text
            return last
        }
        var node = node
        node.parent = parent
        node.previous = last
        let index = nodes.count
        nodes.append(node)
        if last >= 0 { nodes[last].next = index } else { nodes[parent].firstChild = index }
        nodes[parent].lastChild = index
        return index
    }

    /// To be called when everything below a node is there.
    mutating func close(_ index: Index) { nodes[index].end = nodes.count }

    package func isElement(_ index: Index) -> Bool { nodes[index].kind == .element }

    package func name(_ index: Index) -> String { nodes[index].name }

    package func parent(_ index: Index) -> Index? {
        let parent = nodes[index].parent
        return parent >= 0 ? parent : nil
    }

    /// Everything below a node, in the order of the document.
    package func descendants(_ index: Index) -> Range<Index> { index + 1..<nodes[index].end }

    package func attribute(_ name: String, of index: Index) -> String? {
        nodes[index].attributes.first { $0.name == name }?.value
    }

    /// Children that are elements, from the first on.
    func firstElement(of index: Index) -> Index? { element(from: nodes[index].firstChild, \.next) }

    func nextElement(_ index: Index) -> Index? { element(from: nodes[index].next, \.next) }

    func previousElement(_ index: Index) -> Index? { element(from: nodes[index].previous, \.previous) }

    private func element(from start: Index, _ step: KeyPath<Node, Index>) -> Index? {
        var index = start
        while index >= 0 {
            if nodes[index].kind == .element { return index }
            index = nodes[index][keyPath: step]
        }
        return nil
    }
}
