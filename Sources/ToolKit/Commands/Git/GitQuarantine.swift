/// A private folder that git makes a commit in while the repository itself is read-only to it (SECURITY R5).
///
/// It holds a `git` folder of its own, with a HEAD, an index and a log, as a second work tree has one; configuration and
/// references are those of the repository. New objects go into `objects` beside it, and the repository's are found as
/// alternates. What of all this is put in place is decided when git has ended.
public struct GitQuarantine: Sendable, Hashable {
    /// Absolute.
    public let folder: String
    /// The repository's `.git`, absolute.
    public let repository: String
    /// Whether a file counts as unchanged when size and time are, whoever owns it: behind the walls it has another owner.
    /// Not for staging, which looks at the content of every file that is named.
    public let trustsTimes: Bool

    public init(folder: String, repository: String, trustsTimes: Bool) {
        self.folder = folder
        self.repository = repository
        self.trustsTimes = trustsTimes
    }

    var environment: [String: String] {
        [
            "GIT_DIR": folder + "/git", "GIT_OBJECT_DIRECTORY": folder + "/objects",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": Self.quoted(repository + "/objects"),
            // A name is a name, also one with a star in it.
            "GIT_LITERAL_PATHSPECS": "1",
        ]
    }

    var settings: [(key: String, value: String)] {
        [
            // An author that git makes up from a user's name and the machine's is nobody.
            ("user.useConfigOnly", "true"),
            ("core.splitIndex", "false"),
            ("core.sharedRepository", "umask"),
            ("rerere.enabled", "false"),
            // Whoever puts it in place syncs it.
            ("core.fsync", "none"),
        ] + (trustsTimes ? [("core.checkStat", "minimal")] : [])
    }

    /// As git reads lists of folders: in quotes nothing separates, and an escape stands for a character.
    private static func quoted(_ path: String) -> String {
        var text = "\""
        for scalar in path.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\" + String(scalar)
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
