/// How long a token is valid, as people write it.
package enum TokenLifetime {
    /// `30d` is 2,592,000. `nil` unless it is a whole number from 1 with `s`, `m`, `h`, `d` or `w`, at most ten years.
    package static func seconds(_ text: String) -> Double? {
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count > 0 else {
            return nil
        }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        return overflow || seconds > 3_660 * 86_400 ? nil : Double(seconds)
    }

    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
}
