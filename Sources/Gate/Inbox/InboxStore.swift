package import ToolKit

/// Keeps what waits for people, and what became of it.
///
/// Every conformer promises: what returned survives a crash; of any number of concurrent ``decide(_:_:grant:)`` calls for
/// one item at most one returns `true`, and of any number of ``begin(_:auditID:)`` calls at most one returns the item.
package protocol InboxStore: Sendable {
    func insert(_ item: InboxItem) async throws

    func item(_ id: String) async throws -> InboxItem?

    func item(ofRun id: String) async throws -> InboxItem?

    /// A page, newest first. It ends early when it grows beyond ``InboxQuery/pageBytes``, with one item at least.
    func items(_ query: InboxQuery) async throws -> InboxPage

    /// Decides a pending item that has not expired by `decision.at`, and keeps the grant made with it: both or none.
    ///
    /// An approved call is `queued` afterwards, a denied one `refused`.
    func decide(_ id: String, _ decision: InboxItem.Decision, grant: StandingGrant?) async throws -> Bool

    /// Marks the approved, queued call as running under this audit id.
    ///
    /// - Returns: `nil` when it is not queued, or no longer.
    func begin(_ id: String, auditID: String) async throws -> InboxItem?

    /// How an approved call that was queued or running ended; also for one that never began. An end is final: a second
    /// one changes nothing.
    func finish(_ id: String, state: InboxItem.Execution.State, result: JSONValue?) async throws

    /// Puts a call that was begun back in the queue: it is known that nothing ran.
    func requeue(_ id: String) async throws

    /// What is pending and past its time, at most `limit` items, those first whose time ended first.
    func overdue(at wall: Double, limit: Int) async throws -> [InboxItem]

    /// Marks a pending item that is past its time as expired.
    ///
    /// - Returns: Whether it was both.
    func expire(_ id: String, at wall: Double) async throws -> Bool

    /// Approved calls that are queued or running.
    func unfinished() async throws -> [InboxItem]

    /// How much is pending, for the limits of the inbox.
    func load(of principal: String) async throws -> InboxLoad

    /// Removes settled items that were made before this time. What waits, is queued or runs stays.
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
