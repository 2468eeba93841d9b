/// The way to a browser and back.
package protocol BrowserPipe: Sendable {
    /// - Returns: False when the browser is gone or does not read.
    func send(_ bytes: [UInt8]) -> Bool

    /// Ends the browser. May be called twice.
    func end()
}
