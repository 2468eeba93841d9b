package import ToolKit

/// Keeps what waits for people, and what they said. It lives where the runs live: what changes both changes both or none.
///
/// Every conformer promises: what returned survives a crash; of any number of concurrent ``decide(_:_:grant:result:)``
/// calls for one item at most one returns `true`.
package protocol InboxStore: Sendable {
    /// An item and the run that waits with it.
    func insert(_ item: InboxItem, isIdempotent: Bool) async throws

    func item(_ id: String) async throws -> InboxItem?

    /// The newest one of a run.
    func item(ofRun id: String) async throws -> InboxItem?

    /// A page, newest first. It ends early when it grows beyond ``InboxQuery/pageBytes``, with one item at least.
    func items(_ query: InboxQuery) async throws -> InboxPage

    /// Decides a pending item that has not expired by `decision.at`, takes its run along ``InboxItem/Decision/event``, and
    /// keeps the grant made with it: all or nothing.
    ///
    /// - Parameter result: Of a run that ends with this decision and has none otherwise.
    func decide(
        _ id: String, _ decision: InboxItem.Decision, grant: StandingGrant?, result: JSONValue?
    ) async throws -> Bool

    /// What is pending and past its time, at most `limit` items, those first whose time ended first.
    func overdue(at wall: Double, limit: Int) async throws -> [InboxItem]

    /// Marks a pending item that is past its time as expired, and its run as refused.
    ///
    /// - Returns: Whether it was both.
    func expire(_ id: String, at wall: Double) async throws -> Bool

    /// How much is pending, for the limits of the inbox.
    func load(of principal: String) async throws -> InboxLoad

    /// Removes settled items that were made before this time, and runs that belong to nothing else. What waits, is queued,
    /// runs or has an unknown end stays.
    func removeSettled(createdBefore wall: Double) async throws
}

/// What a list of the inbox asks for.
package struct InboxQuery: Sendable, Hashable {
    /// Of calls, plans and results on one page: agents choose how large they are, and whoever looks must not pay for it.
    package static let pageBytes = 8 << 20

    /// 1…1000.
    package var limit: Int
    /// Items made before the one of this cursor only.
    package var before: Int?
    package var isPendingOnly: Bool
    package var kind: InboxItem.Kind?
    package var principal: String?

    package init(
        limit: Int = 50, before: Int? = nil, isPendingOnly: Bool = false, kind: InboxItem.Kind? = nil,
        principal: String? = nil
    ) {
        self.limit = min(max(limit, 1), 1_000)
        self.before = before
        self.isPendingOnly = isPendingOnly
        self.kind = kind
        self.principal = principal
    }
}

package struct InboxPage: Sendable, Hashable {
    /// Newest first.
    package var items: [InboxItem]
    /// The cursor of the next page; `nil` at the end.
    package var next: Int?

    package init(items: [InboxItem], next: Int?) {
        self.items = items
        self.next = next
    }
}

/// What is pending.
package struct InboxLoad: Sendable, Hashable {
    package var items: Int
    /// Of calls and plans.
    package var bytes: Int

    /// Items of the one principal that was asked about.
    package var ofPrincipal: Int
    package var bytesOfPrincipal: Int

    package init(items: Int, bytes: Int, ofPrincipal: Int, bytesOfPrincipal: Int) {
        self.items = items
        self.bytes = bytes
        self.ofPrincipal = ofPrincipal
        self.bytesOfPrincipal = bytesOfPrincipal
    }
}
