internal import ToolKit

/// The small file beside the log: how far the log had come at the last checkpoint. Start-up reads on from there, and a
/// log that was cut shorter than it says is noticed.
struct LogHead: Sendable, Hashable {
    var chain: ChainState
    /// Unix seconds.
    var signedAt: Int

    func encoded(signer: AuditSigner) throws -> [UInt8] {
        var fields = fields
        fields["key_id"] = .string(signer.publicKey.id)
        fields["signature"] = .string(Hex.encode(try signer.signature(for: Self.signedBytes(fields))))
        return JSONWriter.pretty(.object(fields))
    }

    private static func signedBytes(_ fields: [String: JSONValue]) -> [UInt8] {
        Array("execution-layer audit head v1\n".utf8)
            + JSONWriter.write(.object(fields.filter { $0.key != "signature" }))
    }

    private var fields: [String: JSONValue] {
        [
            "version": 1,
            "file": .integer(chain.file),
            "bytes": .integer(chain.bytes),
            "seq": .integer(chain.seq),
            "hash": .string(chain.hash.hex),
            "root": .string(chain.tree.root.hex),
            "frontier": .array(chain.tree.frontier.map { .string($0.hex) }),
            "tile_file": .integer(chain.tileStart.file),
            "tile_offset": .integer(chain.tileStart.offset),
            "since_checkpoint": .integer(chain.sinceCheckpoint),
            "checkpoint": chain.checkpoint.map { .object($0.fields) } ?? .null,
            "signed_at": .integer(signedAt),
        ]
    }

    /// - Throws: ``LineProblem/Kind/headForged`` for anything that `key` did not sign.
    init(_ contents: [UInt8], key: AuditPublicKey) throws(LineProblem) {
        guard let document = try? JSONReader.read(contents), case .object(let fields) = document,
            let signature = fields["signature"]?.stringValue.flatMap(Hex.decode)
        else { throw LineProblem(.headForged, "the head file is not a signed JSON object") }
        guard key.isValid(signature, for: Self.signedBytes(fields)) else {
            let signer = fields["key_id"]?.stringValue.map { $0 == key.id ? "edited" : "signed with another key" }
            throw LineProblem(.headForged, "the head file was \(signer ?? "edited")")
        }
        guard let head = LogHead(signed: fields) else {
            throw LineProblem(.headForged, "the head file lacks members that this version needs")
        }
        self = head
    }

    init(chain: ChainState, signedAt: Int) {
        self.chain = chain
        self.signedAt = signedAt
    }

    private init?(signed fields: [String: JSONValue]) {
        guard fields["version"]?.integerValue == 1, let file = fields["file"]?.integerValue,
            let bytes = fields["bytes"]?.integerValue, let seq = fields["seq"]?.integerValue,
            let hash = fields["hash"]?.stringValue.flatMap(LineHash.init(hex:)),
            let frontier = fields["frontier"]?.arrayValue, let tileFile = fields["tile_file"]?.integerValue,
            let tileOffset = fields["tile_offset"]?.integerValue,
            let sinceCheckpoint = fields["since_checkpoint"]?.integerValue,
            let signedAt = fields["signed_at"]?.integerValue,
            let tree = MerkleTree(
                size: seq, frontier: frontier.compactMap { $0.stringValue.flatMap(LineHash.init(hex:)) })
        else { return nil }
        chain = ChainState(
            seq: seq, hash: hash, tree: tree, file: file, bytes: bytes,
            tileStart: LinePlace(file: tileFile, offset: tileOffset), sinceCheckpoint: sinceCheckpoint,
            checkpoint: fields["checkpoint"]?.objectValue.flatMap(Checkpoint.init(fields:)))
        self.signedAt = signedAt
    }
}
