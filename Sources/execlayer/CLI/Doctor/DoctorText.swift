/// Findings for people: what is wrong first, each fix below the table where it has room.
enum DoctorText {
    static func table(_ findings: [DoctorFinding]) -> String {
        let ordered = findings.filter { !$0.isGood } + findings.filter(\.isGood)
        var table = TextTable(
            .init(title: "state"), .init(title: "subject", limit: 32), .init(title: "finding", limit: 100))
        for finding in ordered { table.add([finding.state.rawValue, finding.subject, finding.detail]) }
        let fixes = ordered.compactMap(fix)
        return fixes.isEmpty ? table.text : table.text + "\nto fix:\n" + fixes.joined()
    }

    /// Some fixes are files to write: their lines stay lines.
    private static func fix(_ finding: DoctorFinding) -> String? {
        guard let fix = finding.fix else { return nil }
        let lines = TerminalText.safeLines(fix).split(separator: "\n", omittingEmptySubsequences: false)
        let rest = lines.dropFirst().map { "      \($0)\n" }
        return "  \(TerminalText.safe(finding.subject)): \(lines.first ?? "")\n" + rest.joined()
    }
}
