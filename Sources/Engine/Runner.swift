package import Gate

/// A place where a granted call runs.
///
/// The promise: it never runs a grant of the kind `.plan`, it answers within the call's time limit as far as the tool
/// asks its context, and it never throws.
package protocol Runner: Sendable {
    func run(_ grant: consuming Grant, at site: CallSite) async -> Outcome
}
