internal import ToolKit

/// An empty page in a context of its own: no cookie, no storage, no cache of an earlier call.
struct FreshPage: Sendable {
    let context: String
    let target: String
    let session: String
    let watch: PageWatch

    /// - Throws: What the connection throws, or ``ToolFailure``.
    init(_ connection: BrowserConnection, until end: ContinuousClock.Instant) async throws {
        let answer = try await connection.call("Target.createBrowserContext", ["disposeOnDetach": true], until: end)
        guard let context = answer["browserContextId"]?.stringValue else { throw PageTrouble.gone }
        let watch = PageWatch(connection, context: context)
        connection.listen { watch.take($0) }
        connection.post(
            "Browser.setDownloadBehavior",
            ["behavior": "deny", "browserContextId": .string(context), "eventsEnabled": true])
        // None: whatever a page asks for is refused without asking anybody.
        connection.post("Browser.grantPermissions", ["permissions": [], "browserContextId": .string(context)])
        let made = try await connection.call(
            "Target.createTarget", ["url": "about:blank", "browserContextId": .string(context)], until: end)
        guard let target = made["targetId"]?.stringValue else { throw PageTrouble.gone }
        // Whoever is told of events was told of it before the answer came, or will be in a moment.
        while watch.session(of: target) == nil {
            try Task.checkCancellation()
            guard ContinuousClock.now < end, !connection.isGone else { throw PageTrouble.gone }
            try await Task.sleep(for: .milliseconds(5))
        }
        guard let session = watch.session(of: target) else { throw PageTrouble.gone }
        watch.follow(target)
        try await connection.call(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .integer(OpenPage.viewSize.width), "height": .integer(OpenPage.viewSize.height),
                "deviceScaleFactor": 1, "mobile": false,
            ], in: session, until: end)
        self.context = context
        self.target = target
        self.session = session
        self.watch = watch
    }
}
