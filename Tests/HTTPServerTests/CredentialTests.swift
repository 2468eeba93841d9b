import Gate
import HTTPTypes
import Testing

@testable import HTTPDoor

@Suite("What a request is recognised by")
struct CredentialTests {
    private func proof(_ fields: (HTTPField.Name, String)...) -> Proof {
        var headers = HTTPFields()
        for (name, value) in fields { headers.append(HTTPField(name: name, value: value)) }
        return Credential.proof(in: headers)
    }

    private static let session = "exs_" + String(repeating: "0f", count: 32)

    @Test("is nothing when its header is empty, and the next place is looked at")
    func empty() {
        #expect(proof((.executionToken, "")) == .none)
        #expect(proof((.authorization, "")) == .none)
        #expect(proof((.executionToken, ""), (.authorization, "Bearer abc")) == .token("abc"))
        #expect(proof((.executionToken, ""), (.cookie, "daena_execution_token=abc")) == .token("abc"))
    }

    @Test("is a wrong token when the scheme is another than Bearer")
    func scheme() {
        #expect(proof((.authorization, "Basic abc")) == .token(""))
        #expect(proof((.authorization, "Bearer")) == .token(""))
        #expect(proof((.authorization, "bearer  abc")) == .token("abc"))
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
        #expect(proof((.cookie, header)) == .token("abc"))
    }

    @Test(
        "is the token itself in the cookie of an older client, whatever it holds",
        arguments: [("abc-._~", "abc-._~"), ("a%3bb", "a;b"), ("%c3%b6=1", "ö=1"), ("100%", "100%"), ("%2541", "%41")])
    func older(_ value: String, _ token: String) {
        #expect(proof((.cookie, "daena_execution_token=\(value)")) == .token(token))
    }

    @Test("R50: is a session when the cookie has the form of one, or came with a key")
    func session() {
        let cookie = "daena_execution_token=\(Self.session)"
        #expect(proof((.cookie, cookie)) == .session(id: Self.session, key: nil))
        #expect(proof((.cookie, cookie), (.sessionKey, "")) == .session(id: Self.session, key: nil))
        #expect(proof((.cookie, cookie), (.sessionKey, "k")) == .session(id: Self.session, key: "k"))
        #expect(proof((.cookie, "daena_execution_token=abc"), (.sessionKey, "k")) == .session(id: "abc", key: "k"))
        #expect(proof((.cookie, cookie + "0")) == .token(Self.session + "0"))
    }

    @Test("R50: is never a session that a header names, and a token in a header beats the cookie")
    func headers() {
        #expect(proof((.executionToken, Self.session)) == .token(Self.session))
        #expect(proof((.sessionKey, "k")) == .none)
        let cookie = "daena_execution_token=\(Self.session)"
        #expect(proof((.cookie, cookie), (.authorization, "Bearer abc"), (.sessionKey, "k")) == .token("abc"))
    }
}
