internal import Foundation
internal import Sandbox

/// The Chromium of this machine's distribution.
package struct BrowserProgram: Sendable, Hashable {
    /// Below `/usr`, which is what the sandbox shows.
    package let path: String

    /// Where distributions put the program itself; in `/usr/bin` is a script of theirs around it.
    private static let places = [
        "/usr/lib/chromium/chromium", "/usr/lib64/chromium-browser/chromium-browser", "/usr/lib64/chromium/chromium",
        "/usr/lib/chromium-browser/chromium-browser",
    ]

    package static let remedy =
        "install Chromium: apt-get install chromium fonts-dejavu-core, dnf install chromium or pacman -S chromium"

    /// - Returns: `nil` where there is none.
    package static func find() -> BrowserProgram? {
        places.first { FileManager.default.isExecutableFile(atPath: $0) }.map(BrowserProgram.init(path:))
    }

    /// A new browser of a call that has a network of its own: it talks through descriptors 3 and 4, to nobody else.
    ///
    /// Its own sandbox cannot be built inside of ours, which refuses new namespaces; ours stands around all of it, and
    /// there is nothing inside but the browser.
    var command: (program: String, arguments: [String]) {
        let flags = [
            "--headless=new", "--remote-debugging-pipe", "--no-startup-window", "--no-sandbox",
            "--user-data-dir=/tmp/profile", "--window-size=1280,720", "--lang=en-GB", "--no-first-run",
            "--no-default-browser-check", "--hide-scrollbars", "--mute-audio", "--force-color-profile=srgb",
            // Everything goes to the daemon's proxy, the loopback interface included, and nothing around it.
            "--proxy-server=http://\(GuardedNetwork.host):\(GuardedNetwork.port)",
            "--proxy-bypass-list=<-loopback>;*.invalid",
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
            "--webrtc-ip-handling-policy=disable_non_proxied_udp",
            "--disable-quic", "--dns-prefetch-disable",
            // It asks for nothing on its own account; what cannot be switched off asks a name that does not exist, which
            // has no way out, instead of filling ledgers.
            "--gaia-url=https://own.invalid", "--apps-gallery-update-url=https://own.invalid",
            "--component-updater=url-source=https://own.invalid",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-domain-reliability", "--disable-client-side-phishing-detection", "--no-pings",
            "--disable-default-apps", "--disable-extensions", "--disable-component-extensions-with-background-pages",
            "--metrics-recording-only", "--safebrowsing-disable-auto-update", "--no-service-autorun",
            "--disable-search-engine-choice-screen", "--disable-features=" + Self.features.joined(separator: ","),
            // What is not there: a graphics card, a bus, a keyring, somebody to send reports to.
            "--disable-gpu", "--password-store=basic", "--use-mock-keychain", "--disable-breakpad",
            "--disable-crash-reporter", "--log-level=3",
            // What is done is done at once, also in a page that nobody looks at.
            "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows",
            "--disable-renderer-backgrounding", "--disable-hang-monitor", "--disable-popup-blocking",
            "--disable-prompt-on-repost",
        ]
        let script = #"exec 3<&0 4>&1 </dev/null >/dev/null; exec "$@""#
        return ("/bin/sh", ["-c", script, "sh", path] + flags)
    }

    private static let features = [
        "AutofillServerCommunication", "CertificateTransparencyComponentUpdater", "DialMediaRouteProvider",
        "GlobalMediaControls", "InterestFeedContentSuggestions", "MediaRouter", "OptimizationHints",
        "OptimizationGuideModelDownloading", "Translate", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable",
        "NetworkTimeServiceQuerying", "PaintHolding", "AsyncDns",
    ]
}
