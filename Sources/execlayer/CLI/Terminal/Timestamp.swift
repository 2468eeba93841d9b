/// Unix seconds for people: `2026-03-01 09:30:05Z`, always UTC so that two machines' logs can be compared.
enum Timestamp {
    static func text(_ unixSeconds: Double) -> String {
        // Beyond these a calendar says nothing useful, and the arithmetic below could overflow.
        guard unixSeconds.isFinite, abs(unixSeconds) < 253_402_300_800 else { return "unknown" }
        let seconds = Int(unixSeconds.rounded(.down))
        let day = Int((Double(seconds) / 86_400).rounded(.down))
        let inDay = seconds - day * 86_400
        let date = civil(day)
        return "\(date.year)-\(two(date.month))-\(two(date.day)) "
            + "\(two(inDay / 3_600)):\(two(inDay / 60 % 60)):\(two(inDay % 60))Z"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that the leap day is last.
    private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }
}
