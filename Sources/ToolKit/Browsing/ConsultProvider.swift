/// A page at which questions are asked: where it is, and where on it things are. Data of the operator's.
public struct ConsultProvider: Sendable, Hashable {
    public var url: WebURL
    /// CSS of the field for the question.
    public var input: String
    /// CSS of what sends it; `nil`: Enter does.
    public var submit: String?
    /// CSS of the answer; of several the last one counts.
    public var answer: String
    /// CSS of what can be seen once the answer is complete; `nil`: an answer that does not change any more is.
    public var done: String?

    public init(url: WebURL, input: String, submit: String?, answer: String, done: String?) {
        self.url = url
        self.input = input
        self.submit = submit
        self.answer = answer
        self.done = done
    }
}
