internal import Foundation

/// The `Date` header, made once a second.
struct HTTPDate {
    private var second = Int.min
    private var text = ""

    /// Of now, as RFC 9110 5.6.7 wants it.
    mutating func now() -> String {
        let now = Int(Date().timeIntervalSince1970)
        if now != second {
            second = now
            text = Self.text(unixSeconds: now)
        }
        return text
    }

    static func text(unixSeconds: Int) -> String {
        let days = unixSeconds / 86_400
        let rest = unixSeconds % 86_400
        // Counted in 400-year eras that begin on the first of March, so that a leap day is a year's last day.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 2 : marchMonth - 10
        let year = yearOfEra + era * 400 + (month < 2 ? 1 : 0)
        let clock = [rest / 3_600, rest / 60 % 60, rest % 60].map(twoDigits).joined(separator: ":")
        return "\(weekdays[(days + 4) % 7]), \(twoDigits(day)) \(months[month]) \(year) \(clock) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
