internal import Engine
internal import Logging
internal import Machine

extension Layer {
    /// Once after the start, beside everything else: what a killed daemon left beside files of the workspace.
    func cleanWorkspace() async {
        let report = await pool.run {
            StagingCleaner(root: workspace, masked: masked).clean(until: .now + .seconds(10))
        }
        let logger = Logger(label: "files")
        if report.removed > 0 {
            logger.notice("staging files of a killed daemon were removed", metadata: ["files": "\(report.removed)"])
        }
        if !report.kept.isEmpty {
            logger.warning(
                "a patch was cut short; what it moved aside is still there", metadata: ["paths": "\(report.kept)"])
        }
        if !report.isComplete {
            logger.notice("the workspace was not looked through completely for staging files")
        }
    }
}
