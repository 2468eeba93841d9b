/// The arguments of a tool: a plain struct whose stored properties are the schema's properties.
///
/// The synthesised `Decodable` does the decoding. Names match through ``ArgumentDecoder``: `maxMatches` reads
/// `max_matches`. Defaults belong into the schema, because the gate fills them in before anyone looks at the call.
public protocol ToolArguments: Decodable, Sendable {
    static var schema: ArgumentSchema { get }
}

/// For tools that take none.
public struct NoArguments: ToolArguments {
    public static let schema = ArgumentSchema.none
    public init() {}
}
