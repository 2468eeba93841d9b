internal import ToolKit

extension Configuration {
    /// Whether a call of the tool may run at all.
    package func isEnabled(_ entry: CatalogEntry) -> Bool {
        effectiveToolEnabled(name: entry.name, default: entry.tool.isEnabledByDefault)
    }
}
