/// How much is kept for the idempotency keys of one principal. Thrown where a new key would be more.
package struct KeyedCallLimit: Error, Sendable, Hashable {
    package static let keys = 20_000
    /// Of answers.
    package static let bytes = 128 << 20

    package init() {}
}
