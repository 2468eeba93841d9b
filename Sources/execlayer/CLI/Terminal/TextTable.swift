/// A table as plain aligned columns, two spaces apart. Cells are made safe for a terminal here, so no caller can forget.
struct TextTable {
    enum Alignment {
        case left
        /// For numbers.
        case right
    }

    struct Column {
        let title: String
        var alignment: Alignment = .left
        /// In columns of the terminal; longer cells end in an ellipsis.
        var limit = 60
    }

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: Column...) { self.columns = columns }

    init(columns: [Column]) { self.columns = columns }

    /// - Parameter cells: One for each column.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has one cell for each column")
        rows.append(
            zip(cells, columns).map { DisplayWidth.shortened(TerminalText.safe($0), to: $1.limit) })
    }

    /// With the titles first, each line ending in a line feed and none in spaces.
    var text: String {
        let titles = columns.map { $0.title.uppercased() }
        let widths = columns.indices.map { place in
            rows.reduce(DisplayWidth.of(titles[place])) { max($0, DisplayWidth.of($1[place])) }
        }
        return ([titles] + rows).map { line($0, widths) }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (place, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: widths[place] - DisplayWidth.of(cell))
            line += columns[place].alignment == .right ? padding + cell : cell + padding
            if place < cells.count - 1 { line += "  " }
        }
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }
}
