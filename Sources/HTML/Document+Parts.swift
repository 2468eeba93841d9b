extension Document {
    /// One link of a page.
    package struct Link: Sendable, Hashable {
        package var text: String
        /// As it is written.
        package var href: String
    }

    /// `a` and `area` elements with an address, those among `indices` and below them, each once, in order.
    package func links(in indices: [Index], limit: Int) -> (links: [Link], isTruncated: Bool) {
        var links: [Link] = []
        var done = 0
        for index in indices {
            for place in max(index, done)..<max(nodes[index].end, done) {
                let node = nodes[place]
                guard node.kind == .element, node.name == "a" || node.name == "area",
                    let href = attribute("href", of: place)
                else { continue }
                guard links.count < limit else { return (links, true) }
                links.append(Link(text: text(of: place, separator: " ", limit: 4_096).text, href: href))
            }
            done = max(done, nodes[index].end)
        }
        return (links, false)
    }

    /// The address that relative ones of the page are relative to, as the page says.
    package var base: String? {
        descendants(Self.root).first { nodes[$0].name == "base" && attribute("href", of: $0) != nil }
            .flatMap { attribute("href", of: $0) }
    }

    /// Rows of a table, each the texts of its cells. Rows of tables inside of it are theirs.
    package typealias Table = [[String]]

    /// Tables among `indices` and below them, each once, in order; one inside another has its own place behind it.
    package func tables(in indices: [Index], limit: Int) -> (tables: [Table], isTruncated: Bool) {
        var tables: [Table] = []
        var cells = 0
        var done = 0
        for index in indices {
            for place in max(index, done)..<max(nodes[index].end, done)
            where nodes[place].kind == .element && nodes[place].name == "table" {
                var table: Table = []
                for row in own("tr", below: place) {
                    let texts = ownCells(of: row).map { text(of: $0, separator: " ", limit: 4_096).text }
                    cells += texts.count + 1
                    guard cells <= limit else { return (tables + [table], true) }
                    table.append(texts)
                }
                tables.append(table)
            }
            done = max(done, nodes[index].end)
        }
        return (tables, false)
    }

    private func own(_ name: String, below index: Index) -> [Index] {
        var found: [Index] = []
        var place = index + 1
        while place < nodes[index].end {
            if nodes[place].name == "table" {
                place = nodes[place].end
                continue
            }
            if nodes[place].name == name { found.append(place) }
            place += 1
        }
        return found
    }

    private func ownCells(of row: Index) -> [Index] {
        var found: [Index] = []
        var place = firstElement(of: row)
        while let cell = place {
            if nodes[cell].name == "td" || nodes[cell].name == "th" { found.append(cell) }
            place = nextElement(cell)
        }
        return found
    }
}
