internal import Foundation

/// What `init` asks the disk. It reads names, links and small files, and starts nothing.
enum Disk {
    private static let textLimit = 262_144

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func isExecutable(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            && FileManager.default.isExecutableFile(atPath: path)
    }

    /// Sorted, so that a proposal is the same every time; empty for what is no folder.
    static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    static func folders(in folder: String) -> [String] {
        names(in: folder).map { folder + "/" + $0 }.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
        }
    }

    /// `nil` for what is missing, is no plain file, is larger than 256 KiB or is not UTF-8.
    static func text(_ path: String) -> String? {
        let facts = try? FileManager.default.attributesOfItem(atPath: resolved(path))
        guard facts?[.type] as? FileAttributeType == .typeRegular, let size = facts?[.size] as? NSNumber,
            size.intValue <= textLimit, let data = FileManager.default.contents(atPath: path)
        else { return nil }
        return String(validating: data, as: UTF8.self)
    }

    /// The first line that says something, without spaces around it.
    static func word(_ path: String) -> String? {
        let lines = text(path)?.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
        return lines.first { !$0.isEmpty && !$0.hasPrefix("#") }
    }

    /// With every link followed.
    static func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

    static func parent(_ path: String) -> String { (path as NSString).deletingLastPathComponent }
    static func name(_ path: String) -> String { (path as NSString).lastPathComponent }
}
