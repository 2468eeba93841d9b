internal import Foundation
internal import ToolKit

/// Tables for people as the figures come, JSON for programs at the end.
struct Report {
    private var members: [String: JSONValue] = [:]

    /// - Parameter rows: The first is the heading. The first column is words, the others are numbers.
    func table(_ title: String, _ rows: [[String]], note: String? = nil) {
        print("\n\(title)")
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.compactMap { column < $0.count ? $0[column].count : nil }.max() ?? 0
        }
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }
            print("  " + cells.joined(separator: "  "))
        }
        if let note { print("  \(note)") }
        fflush(nil)
    }

    mutating func add(_ name: String, _ value: JSONValue) { members[name] = value }

    func write(to path: String) throws {
        try Data(JSONWriter.write(.object(members)) + [0x0A]).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
