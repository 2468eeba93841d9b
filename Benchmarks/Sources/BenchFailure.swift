/// Why there is no figure: something did not start, or an answer was wrong. A benchmark with a wrong answer says nothing.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
