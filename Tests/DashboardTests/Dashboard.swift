import Testing

/// All tests that need a browser, one after the other: there is one browser, and it has one front tab.
@Suite(
    "The dashboard in a browser", .serialized, .browser, .timeLimit(.minutes(10)),
    .enabled(if: Browser.isInstalled, "needs Debian's chromium and chromium-driver, which ./test installs"))
enum Dashboard {}
