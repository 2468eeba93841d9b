/// Findings for people: what is wrong first, each fix below the table where it has room.
enum DoctorText {
    static func table(_ findings: [DoctorFinding]) -> String {
        let ordered = findings.filter { !$0.isGood } + findings.filter(\.isGood)
        var table = TextTable(
            .init(title: "state"), .init(title: "subject", limit: 32), .init(title: "finding", limit: 100))
        for finding in ordered { table.add([finding.state.rawValue, finding.subject, finding.detail]) }
        let fixes = ordered.compactMap { finding in
            finding.fix.map { "  \(TerminalText.safe(finding.subject)): \(TerminalText.safe($0))\n" }
        }
        return fixes.isEmpty ? table.text : table.text + "\nto fix:\n" + fixes.joined()
    }
}
