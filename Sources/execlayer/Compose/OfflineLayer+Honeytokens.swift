internal import Audit
internal import Engine
internal import Gate
internal import ToolKit

extension OfflineLayer {
    func rotateHoneytokens() async throws -> OfflineReport {
        try await withLayer { layer in
            // On record first, so that nobody changes them in silence.
            _ = try await layer.log.append(
                layer.engine.recorder.change(
                    "change:honeytokens", by: Authenticator.owner.name, before: .null, after: ["rotated": true]))
            try await layer.pool.run { try HoneytokenFile(in: layer.home.honeytokens).rotate() }
            return OfflineReport(
                isGood: true, lines: ["other honeytokens are planted from the next start on"],
                json: ["success": true, "rotated": true])
        }
    }
}
