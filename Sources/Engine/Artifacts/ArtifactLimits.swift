/// How much is kept. The tools' schemas name the first three.
package struct ArtifactLimits: Sendable, Hashable {
    package var fileBytes = 32 << 20
    package var callFiles = 64
    package var callBytes = 64 << 20
    /// Of all artifacts of a home; the oldest give way.
    package var totalBytes = 1 << 30
    package var totalFiles = 10_000
    /// What has to stay free on the disk, for the audit above all.
    package var spareBytes = 64 << 20

    package init() {}
}
