package import ToolKit

extension Configuration {
    /// What is empty, the repository says.
    package var gitAuthor: GitAuthor {
        GitAuthor(
            name: gitAuthorName.isEmpty ? nil : gitAuthorName, email: gitAuthorEmail.isEmpty ? nil : gitAuthorEmail)
    }

    /// Whether a call of the tool may run at all.
    package func isEnabled(_ entry: CatalogEntry) -> Bool {
        effectiveToolEnabled(name: entry.name, default: entry.tool.isEnabledByDefault)
    }
}
