import Foundation
import Testing

@Suite("The sources about open files")
struct DescriptorUseTests {
    /// `folder.open(name).number` is the number of a file that is closed by the time it is used, and maybe another one's.
    @Test("nowhere take the number of a descriptor that nobody holds")
    func numbers() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources").standardizedFileURL
        var looked = 0
        let names = try #require(FileManager.default.enumerator(atPath: sources.path)).compactMap { $0 as? String }
        for name in names where name.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
            looked += text.matches(of: /\.number\b/).count
            #expect(text.firstMatch(of: /\)\??\.number\b/) == nil, "\(name)")
        }
        // The control: it looks where descriptors are used.
        #expect(looked > 100)
    }
}
