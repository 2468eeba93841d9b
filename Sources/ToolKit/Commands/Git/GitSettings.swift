/// Settings that no repository, user or system can take back: git reads them last, from its environment, so the argv
/// that was judged stays the argv that runs (SECURITY R19-R23).
public enum GitSettings {
    /// The oldest git that understands all of them; an older one would ignore some without a word.
    public static let oldestVersion = (major: 2, minor: 38)

    /// What follows the constant ones for one repository.
    ///
    /// - Parameters:
    ///   - owned: Folders, absolute, whose repositories are used whoever owns them; git refuses all others of strangers.
    ///   - filters: Names of the filters that the repository's configuration defines, see ``GitConfigScan``.
    static func particular(owned: [String], filters: [String]) -> [(key: String, value: String)] {
        owned.map { ("safe.directory", $0) } + filters.flatMap(off)
    }

    /// Never a program: `false` for what must answer, nothing for what may be absent.
    static let constant: [(key: String, value: String)] =
        [
            ("core.hooksPath", "/dev/null"),
            ("core.fsmonitor", "false"),
            ("core.pager", "cat"),
            ("core.editor", "false"),
            ("sequence.editor", "false"),
            ("core.askPass", "false"),
            ("core.sshCommand", "false"),
            ("core.gitProxy", "false"),
            ("core.alternateRefsCommand", "false"),
            ("core.attributesFile", "/dev/null"),
            ("core.excludesFile", "/dev/null"),
            ("credential.helper", ""),
            // Empty fails where --no-ext-diff is missing, rather than running what the repository names.
            ("diff.external", ""),
            ("interactive.diffFilter", ""),
            ("gpg.program", "false"),
            ("gpg.openpgp.program", "false"),
            ("gpg.x509.program", "false"),
            ("gpg.ssh.program", "false"),
            ("gpg.ssh.defaultKeyCommand", "false"),
            ("commit.gpgSign", "false"),
            ("tag.gpgSign", "false"),
            ("log.showSignature", "false"),
            ("uploadpack.packObjectsHook", ""),
            ("submodule.recurse", "false"),
            ("diff.submodule", "short"),
            ("diff.ignoreSubmodules", "dirty"),
            ("status.submoduleSummary", "false"),
            ("fetch.recurseSubmodules", "false"),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("safe.bareRepository", "explicit"),
            ("protocol.allow", "never"),
        ] + protocols.map { ("protocol.\($0).allow", "never") }

    /// A repository's `protocol.ext.allow` is stronger than our `protocol.allow`, so each is named.
    private static let protocols = ["ext", "fd", "file", "ftp", "ftps", "git", "http", "https", "ssh"]

    /// An empty command is none, and a filter that is not required may be none.
    private static func off(filter name: String) -> [(key: String, value: String)] {
        [
            ("filter.\(name).clean", ""), ("filter.\(name).smudge", ""), ("filter.\(name).process", ""),
            ("filter.\(name).required", "false"),
        ]
    }
}
