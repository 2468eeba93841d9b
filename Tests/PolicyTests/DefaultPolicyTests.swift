import Gate
import Testing
import ToolKit

@Suite("The default policy")
struct DefaultPolicyTests {
    private let policy: Policy

    init() throws { policy = try Policy(yaml: Array(DefaultPolicy.yaml.utf8)) }

    @Test(
        "asks before secrets are read and denies that they are written",
        arguments: [
            ".env", "app/.env.local", ".ENV", "prod.env", "certs/server.pem", "ID_RSA", "x/.ssh/config",
            ".aws/credentials",
            ".npmrc", ".netrc", ".pypirc", "vault.kdbx", ".git-credentials", ".envrc",
        ])
    func secrets(path: String) throws {
        #expect(try policy.verdict(path, .read) == .ask)
        #expect(try policy.verdict(path, .write) == .deny)
    }

    @Test(
        "asks before files are written that run elsewhere or by themselves",
        arguments: [
            ".github/workflows/ci.yml", ".gitlab-ci.yml", ".husky/pre-commit", ".pre-commit-config.yaml",
            ".vscode/tasks.json", "app/.idea/workspace.xml", ".mcp.json",
        ])
    func ci(path: String) throws {
        #expect(try policy.verdict(path, .read) == .allow)
        #expect(try policy.verdict(path, .write) == .ask)
    }

    @Test(
        "stays out of the way of ordinary work",
        arguments: [
            "README.md", "src/main.swift", ".env.example", "src/env.ts", "id_rsa.pub", ".gitignore",
            ".github/CODEOWNERS",
            "package.json", "docs/keys.md", "Makefile", "tests/test_ssh.py",
        ])
    func ordinary(path: String) throws {
        for use in [Access.PathUse.read, .write, .search] { #expect(try policy.verdict(path, use) == .allow) }
    }

    @Test("is asked for every file of a large walk at little cost")
    func speed() throws {
        let folders = ["src", "src/app", "lib/core/model", "Tests/Unit", "docs/guide/part", "node_modules/pkg/dist"]
        let names = ["main.swift", "index.test.ts", "README.md", "style.css", "data.json", "Makefile"]
        let paths = try (0..<50_000).map { number in
            try WorkspacePath("\(folders[number % 6])/sub\(number / 100)/\(number)-\(names[number / 6 % 6])")
        }
        var denied = 0
        let elapsed = ContinuousClock().measure {
            for path in paths where policy.verdict(path, .read) != .allow { denied += 1 }
        }
        print("verdict: \(elapsed / paths.count) a path over \(paths.count) paths")
        #expect(denied == 0)
        #expect(elapsed < .seconds(10))
    }
}
