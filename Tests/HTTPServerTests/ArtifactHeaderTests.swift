@testable import HTTPDoor
import HTTPTypes
import Testing
import ToolKit

@Suite("The headers of a file that a program made")
struct ArtifactHeaderTests {
    @Test(
        "its name is plain, without folders, and not hidden",
        arguments: [
            ("out/r.txt", "attachment; filename=\"r.txt\""),
            ("a b\".txt", "attachment; filename=\"a_b_.txt\"; filename*=UTF-8''a%20b%22.txt"),
            ("ä.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A4.txt"),
            ("x/.bashrc", "attachment; filename=\"bashrc\""),
            ("..", "attachment; filename=\"artifact\""),
            ("", "attachment; filename=\"artifact\""),
            (
                "a\r\nSet-Cookie: x",
                "attachment; filename=\"a__Set-Cookie__x\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x"
            ),
        ])
    func names(name: String, header: String) {
        #expect(ArtifactHeaders.disposition(of: name) == header)
    }

    @Test("its type is bytes unless it begins as an image does")
    func types() {
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0]
        #expect(ArtifactHeaders.mediaType(of: png) == "image/png")
        #expect(ArtifactHeaders.mediaType(of: [0xFF, 0xD8, 0xFF, 0xE0]) == "image/jpeg")
        let others = [Array(png.prefix(8)), [], Array("<html>".utf8), Array("GIF89a".utf8), Array("<svg".utf8)]
        for bytes in others { #expect(ArtifactHeaders.mediaType(of: bytes) == "application/octet-stream") }
    }

    @Test("it can do nothing even where somebody shows it")
    func sandboxed() {
        let artifact = Artifact(id: "art_1", name: "page.html", size: 1, sha256: "00")
        let fields = ArtifactHeaders.fields(for: artifact, beginning: Array("<html>".utf8))
        #expect(fields[.contentSecurityPolicy] == "default-src 'none'; sandbox")
        #expect(fields[.contentDisposition]?.hasPrefix("attachment;") == true)
        #expect(fields[.contentType] == "application/octet-stream")
    }
}
