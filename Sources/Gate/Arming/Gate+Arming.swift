internal import ToolKit

extension Gate {
    /// What is left of the caller's armed period, in seconds; `nil`: it has none.
    package func armedSecondsLeft(of principal: String) -> Int? {
        arming.left(of: principal, at: time.sinceBoot)
    }

    /// Whether a call of a tool that has to be armed needs a person: always, but for callers that are armed and for what no
    /// rule asks about.
    func needsArming(_ entry: CatalogEntry, _ judgement: Judgement, _ principal: Principal) -> Bool {
        judgement.verdict == .ask || armedSecondsLeft(of: principal.name) == nil
    }

    /// A call that a person let pass begins; for the recorder, which has written that down.
    package func arm(_ principal: String) {
        arming.begin(of: principal, for: configuration.current.desktopArmedSeconds, at: time.sinceBoot)
    }
}
