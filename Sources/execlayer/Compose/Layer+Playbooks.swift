internal import Engine
internal import Foundation
internal import Gate
internal import Logging
internal import Store

extension Layer {
    private static let importFact = "older_playbooks_imported"
    /// Larger than any that was ever written.
    private static let importLimit = 16 << 20

    /// Takes over the playbooks of the older system, once. The file stays where it is.
    func importOlderPlaybooks() async {
        let logger = Logger(label: "playbooks")
        let path = home.data + "/tool_playbooks/playbooks.json"
        do {
            guard try await state.remembered(Self.importFact) == nil else { return }
            guard let bytes = await pool.run({ Self.bytes(of: path) }) else { return }
            let (count, warnings) = try await playbooks.importOlder(bytes)
            for warning in warnings { logger.warning("\(warning)") }
            logger.notice("playbooks of the older system were imported", metadata: ["count": "\(count)"])
            _ = try await state.remember(String(count), as: Self.importFact)
        } catch {
            // Tried again at the next start.
            logger.error("playbooks of the older system could not be imported", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: `nil` when there is no such file, or none of a size that anybody would have.
    private static func bytes(of path: String) -> [UInt8]? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular,
            let size = (attributes[.size] as? NSNumber)?.intValue, size <= importLimit,
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        return Array(data)
    }
}
