package import ToolKit

extension Gate {
    /// What today's policy says of a call that the audit keeps, as far as a grant is concerned.
    package enum RecordedVerdict: Sendable, Hashable {
        /// It may run; these rules want a person to look.
        case asked(by: Set<String>)
        /// It would be refused, grant or not.
        case denied
        /// The record keeps too little of it to say.
        case unknown
    }

    /// Judges a call as the audit keeps it, where contents are a size and a hash.
    ///
    /// - Parameter contents: Those that are known in spite of it, by canonical name. Any other is judged as an empty one: a
    ///   tool that reads from a content what it would touch finds nothing in that, and refuses it.
    package func judge(
        recorded arguments: [String: JSONValue], of entry: CatalogEntry, contents: [String: JSONValue]
    ) -> RecordedVerdict {
        var arguments = arguments
        for property in entry.schema.properties {
            for name in [property.name] + property.aliases where arguments[name]?["sha256"]?.stringValue != nil {
                arguments[name] = contents[property.name] ?? ""
            }
        }
        // What cannot be read any more, by the schema or the tool of today.
        guard let canonical = try? canonicalArguments(arguments, for: entry), let call = try? prepare(entry, canonical)
        else { return .unknown }
        let judgement = policy.current.judge(call.access)
        return judgement.denial == nil ? .asked(by: judgement.asking) : .denied
    }
}
