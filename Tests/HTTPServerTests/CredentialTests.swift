import HTTPTypes
import Testing

@testable import HTTPDoor

@Suite("The token that a request carries")
struct CredentialTests {
    private func token(_ fields: (HTTPField.Name, String)...) -> String? {
        var headers = HTTPFields()
        for (name, value) in fields { headers.append(HTTPField(name: name, value: value)) }
        return Credential.token(in: headers)
    }

    @Test("is none when its header is empty, and the next place is looked at")
    func empty() {
        #expect(token((.executionToken, "")) == nil)
        #expect(token((.authorization, "")) == nil)
        #expect(token((.executionToken, ""), (.authorization, "Bearer abc")) == "abc")
        #expect(token((.executionToken, ""), (.cookie, "daena_execution_token=abc")) == "abc")
    }

    @Test("is a wrong one when the scheme is another than Bearer")
    func scheme() {
        #expect(token((.authorization, "Basic abc")) == "")
        #expect(token((.authorization, "Bearer")) == "")
        #expect(token((.authorization, "bearer  abc")) == "abc")
    }

    @Test(
        "is found among other cookies, with its quotes and white space taken off",
        arguments: [
            "daena_execution_token=abc", "a=1; daena_execution_token=abc; b=2",
            "a=\"x=1\";daena_execution_token=\"abc\"",
            " daena_execution_token = abc ;b", "xdaena_execution_token=no; daena_execution_token=abc",
            "b;;=;daena_execution_token=abc",
        ])
    func cookies(_ header: String) {
        #expect(token((.cookie, header)) == "abc")
    }

    @Test(
        "comes back from its cookie as it was, and cannot add attributes to it",
        arguments: ["abc-._~", "a;b", "a\"b\"", "a, b", "100%", "%41", "a\\b", "ö=1"])
    func roundTrip(_ text: String) throws {
        let header = Credential.setCookie(text)
        #expect(header.hasSuffix("; HttpOnly; SameSite=Strict; Path=/"))
        #expect(header.split(separator: ";").count == 4)
        let pair = try #require(header.split(separator: ";").first)
        #expect(token((.cookie, String(pair))) == text)
    }
}
