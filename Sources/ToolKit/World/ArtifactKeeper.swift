/// A file that outlives the call that made it: a report, a screenshot, what a program wrote.
public struct Artifact: Sendable, Hashable {
    public let id: String
    /// As the call named it, with slashes between folders; never used as a path.
    public let name: String
    /// In bytes.
    public let size: Int
    /// Lower-case hexadecimal.
    public let sha256: String

    public init(id: String, name: String, size: Int, sha256: String) {
        self.id = id
        self.name = name
        self.size = size
        self.sha256 = sha256
    }

    /// An element of a result's `artifacts`.
    public var json: JSONValue {
        [
            "artifact_id": .string(id), "name": .string(name), "size": .integer(size), "sha256": .string(sha256),
        ]
    }
}

/// Keeps files of one call beyond its end; clients list them by the call's audit id and fetch them by their own.
public protocol ArtifactKeeper: Sendable {
    /// Bytes of the largest file that is kept.
    var largestFile: Int { get }

    /// Copies a file; it is on disk when this returns.
    ///
    /// - Parameter name: What clients shall know it by, such as `out/report.html`.
    /// - Throws: ``ArtifactRefusal`` when it is not kept; the call goes on without it and says so.
    func keep(_ name: String, from source: any ArtifactSource) async throws(ArtifactRefusal) -> Artifact
}

/// Where a file that shall be kept comes from. Only read as far as ``ArtifactKeeper/largestFile``.
public protocol ArtifactSource {
    /// What it is said to hold, in bytes; what is really read counts.
    var size: Int { get }

    /// At most `count` bytes from `offset`; fewer only at the end.
    func read(offset: Int, count: Int) throws -> [UInt8]
}

/// A file in memory, such as a screenshot.
public struct ArtifactBytes: ArtifactSource {
    private let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public var size: Int { bytes.count }

    public func read(offset: Int, count: Int) -> [UInt8] { Array(bytes.dropFirst(offset).prefix(count)) }
}

/// Why a file was not kept.
public struct ArtifactRefusal: Error, Sendable, Hashable {
    /// A clause for people, without a full stop: `it is larger than 32 MiB`.
    public let reason: String
    /// Whether every further file of the call would be refused as well.
    public let isFinal: Bool

    public init(_ reason: String, isFinal: Bool = false) {
        self.reason = reason
        self.isFinal = isFinal
    }
}

/// For a world that keeps nothing.
public struct NoArtifacts: ArtifactKeeper {
    public init() {}

    public var largestFile: Int { 0 }

    public func keep(_ name: String, from source: any ArtifactSource) async throws(ArtifactRefusal) -> Artifact {
        throw ArtifactRefusal("nothing is kept here", isFinal: true)
    }
}
