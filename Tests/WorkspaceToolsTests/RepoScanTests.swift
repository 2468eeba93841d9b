import Testing
import ToolKit

@testable import Tools

@Suite("A scan for secrets") struct SecretScanTests {
    private func secrets(_ files: [String: String]) async throws -> [String] {
        let result = try await RepoScan().run([:], in: try FixtureWorkspace(files).context())
        return (result["secrets"]?.arrayValue ?? []).map {
            "\($0["file"]?.stringValue ?? ""):\($0["line"]?.integerValue ?? 0) \($0["kind"]?.stringValue ?? "")"
        }
    }

    @Test("names file, line and kind")
    func placeAndKind() async throws {
        let token = "ghp_" + String(repeating: "aB3d", count: 9)
        #expect(try await secrets(["a.py": "x = 1\n\ny = '\(token)'\n"]) == ["a.py:3 github_token"])
    }

    @Test("never answers the value")
    func noValue() async throws {
        let value = "q8Zr2Lm9Xt4Vw7Kc"
        let workspace = try FixtureWorkspace([
            "a.py": "password = \"\(value)\"\n", "requirements.txt": "pkg @ https://user:\(value)@host/pkg.whl\n",
        ])
        let result = try await RepoScan().run([:], in: workspace.context())
        #expect(!String(decoding: JSONWriter.write(result), as: UTF8.self).contains(value))
        #expect(result["counts"]?["secrets"] == 2)
    }

    @Test(
        "reports what looks real",
        arguments: [
            "api_key = \"q8Zr2Lm9Xt4Vw7Kc\"", "const clientSecret = 'aB3$kd9!mQ2x';",
            "\"authToken\": \"9f8e7d6c5b4a3921\"",
            "url = \"postgres://app:zX81kqPw@db/x\"", "key = AKIAIOSFODNN7ABCDEFG",
            "let apiKey: String = \"q8Zr2Lm9Xt4Vw7Kc\"",
        ])
    func real(_ line: String) async throws {
        #expect(try await secrets(["a.swift": line]).count == 1)
    }

    @Test(
        "passes over placeholders, names, types and references",
        arguments: [
            "password = \"changeme\"", "password = \"your-password-here\"", "token = \"${TOKEN}\"",
            "let token: String", "password: str = None", "token = get_token()", "apiKey = process.env.API_KEY",
            "password = \"reset_password_label\"", "secret = \"xxxxxxxxxxxxxxxx\"", "key = AKIAIOSFODNN7EXAMPLE",
            "postgres://user:password@localhost/x", "token = \"aaaaaaaaaaaaaaaa1\"", "api_key = \"<your key>\"",
            "password: \"Enter your password\"", "secret_path = \"/run/secrets/q8Zr2Lm9Xt4\"",
            "max_tokens = 4096123456",
            "-----BEGIN RSA PRIVATE KEY-----",
        ])
    func placeholder(_ line: String) async throws {
        #expect(try await secrets(["a.py": line]) == [])
    }

    @Test("reads values without quotes in settings only")
    func settings() async throws {
        let line = "DB_PASSWORD=q8Zr2Lm9Xt4Vw7Kc\n"
        #expect(
            try await secrets([".env": line, "a.py": line, "x.yml": "password: q8Zr2Lm9Xt4Vw7Kc"])
                == [".env:1 named_secret", "x.yml:1 named_secret"])
    }

    @Test("finds a key block")
    func keyBlock() async throws {
        let block = "-----BEGIN PRIVATE KEY-----\n\(String(repeating: "MIIE", count: 30))\n-----END PRIVATE KEY-----\n"
        #expect(try await secrets(["id.pem": block]) == ["id.pem:1 private_key"])
    }

    @Test("leaves out large, binary, ignored and hidden files and counts them")
    func leftOut() async throws {
        let line = "api_key = \"q8Zr2Lm9Xt4Vw7Kc\"\n"
        let workspace = try FixtureWorkspace([
            "big.py": line + String(repeating: "x", count: 100_000), "bin": "\0" + line, ".gitignore": "out\n",
            "out/a.py": line, ".env": line, "a.py": line,
        ]) { $0 == ".env" }
        let result = try await RepoScan().run([:], in: workspace.context())
        let counts = result["counts"]
        #expect(counts?["secrets"] == 1 && counts?["too_large"] == 1 && counts?["binary"] == 1)
        #expect(counts?["ignored"] == 1 && counts?["hidden"] == 1)
    }

    @Test("looks only below cwd and only for what was asked")
    func narrowed() async throws {
        let line = "api_key = \"q8Zr2Lm9Xt4Vw7Kc\"\n"
        let workspace = try FixtureWorkspace(["a.py": line, "sub/b.py": line, "sub/requirements.txt": "x==1\n"])
        let tool = RepoScan()
        let below = try await tool.run(["cwd": "sub"], in: workspace.context())
        #expect(below["counts"]?["secrets"] == 1 && below["counts"]?["dependencies"] == 1)
        let only = try await tool.run(["cwd": "sub", "scan_secrets": false], in: workspace.context())
        #expect(only["counts"]?["secrets"] == 0 && only["counts"]?["dependencies"] == 1)
        #expect(try tool.access(for: tool.decoded(["cwd": "sub"])) == .search(WorkspacePath("sub")))
    }

    @Test("has a plan that says what would be read")
    func plan() async throws {
        let tool = RepoScan()
        let plan = try await tool.plan(for: tool.decoded(["scan_deps": false]), in: FixtureWorkspace().context())
        #expect(plan["summary"]?.stringValue?.hasSuffix("look for secrets") == true)
    }
}

@Suite("A manifest of dependencies") struct DependencyManifestTests {
    struct Manifest: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let expected: [String]
        var testDescription: String { name }

        init(_ name: String, _ text: String, _ expected: [String]) {
            self.name = name
            self.text = text
            self.expected = expected
        }
    }

    static let manifests = [
        Manifest(
            "requirements.txt",
            "# c\nrequests==2.31.0\nflask>=2,<3 ; python_version > '3'\nuvicorn[standard] ~= 0.2 # x\n-r other.txt\nnumpy\n"
                + "-e git+https://x/y\nbad line here\npkg @ https://u:p@host/p.whl\r\n",
            ["requests ==2.31.0", "flask >=2,<3", "uvicorn ~=0.2", "numpy ", "pkg https://host/p.whl"]),
        Manifest("requirements-dev.txt", "pytest\n", ["pytest "]),
        Manifest(
            "pyproject.toml",
            "[project]\nname = \"x\"\ndependencies = [\n  \"httpx>=0.27\", # why\n  \"rich\",\n]\n"
                + "[project.optional-dependencies]\ntest = [\"pytest>=8\"]\n[tool.poetry.dependencies]\npython = \"^3.11\"\n"
                + "django = \"^5.0\"\ncelery = { version = \"5.3\", extras = [\"redis\"] }\n"
                + "[tool.poetry.group.dev.dependencies]\nruff = \"*\"\n[tool.other]\nx = \"1\"\n",
            ["httpx >=0.27", "rich ", "pytest >=8", "django ^5.0", "celery 5.3", "ruff *"]),
        Manifest(
            "package.json",
            "{\"name\":\"x\",\"dependencies\":{\"react\":\"^18.2.0\",\"b\":\"git+https://u:p@h/b.git\"},"
                + "\"devDependencies\":{\"jest\":\"29\"}}",
            ["b git+https://h/b.git", "react ^18.2.0", "jest 29"]),
        Manifest(
            "Cargo.toml",
            "[package]\nname = \"x\"\n[dependencies]\nserde = { version = \"1.0\", features = [\"derive\"] }\n"
                + "tokio = \"1\"\nlocal = { path = \"../l\" }\nshared.workspace = true\n[dependencies.rand]\nversion = \"0.8\"\n"
                + "[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n[dev-dependencies]\ninsta = \"1\"\n",
            ["serde 1.0", "tokio 1", "local ", "shared ", "rand 0.8", "libc 0.2", "insta 1"]),
        Manifest(
            "go.mod",
            "module x\ngo 1.22\nrequire github.com/a/b v1.2.3\nrequire (\n\tgithub.com/c/d v0.1.0 // indirect\n)\n"
                + "replace x => y\n",
            ["github.com/a/b v1.2.3", "github.com/c/d v0.1.0"]),
        Manifest(
            "Package.swift",
            "let p = Package(dependencies: [\n  .package(url: \"https://x/apple/swift-log.git\", from: \"1.5.0\"),\n"
                + "  // .package(url: \"https://x/old\", from: \"1.0.0\"),\n"
                + "  .package(url: \"https://x/a/nio\", exact: \"2.1.0\"),\n  .package(path: \"../local\"),\n"
                + "  .package(url: \"https://x/a/b\", branch: \"main\"),\n"
                + "  .package(url: \"https://x/a/c\", \"1.0.0\"..<\"3.0.0\"),\n"
                + "  .package(url: \"https://x/a/d\", .upToNextMajor(from: \"4.0.0\")),\n])\n",
            ["swift-log >=1.5.0", "nio ==2.1.0", "b main", "c 1.0.0..<3.0.0", "d >=4.0.0"]),
        Manifest(
            "Gemfile",
            "source 'https://x'\ngem \"rails\", \"~> 7.0\", \">= 7.0.1\"\n  gem 'pg', require: false\n# gem 'no'\n",
            ["rails ~> 7.0, >= 7.0.1", "pg "]),
        Manifest(
            "pom.xml",
            "<project><dependencies><dependency>\n<groupId>org.a</groupId>\n<artifactId>b</artifactId>\n"
                + "<version>1.0</version></dependency><dependency><groupId>c</groupId><artifactId>d</artifactId></dependency>"
                + "</dependencies><version>9</version></project>",
            ["org.a:b 1.0", "c:d "]),
        Manifest(
            "build.gradle",
            "dependencies {\n  implementation 'org.a:b:1.0'\n  testImplementation(\"c:d:2\")\n  implementation project(':x')\n}\n",
            ["org.a:b 1.0", "c:d 2"]),
        Manifest("package.json", "{ not json", []),
        Manifest("pyproject.toml", "[project\ndependencies = [\"open", []),
        Manifest("pom.xml", "<dependency><artifactId>", []),
    ]

    @Test("is read", arguments: manifests)
    func isRead(_ manifest: Manifest) throws {
        let reader = try #require(DependencyManifest.reader(for: manifest.name))
        #expect(reader(manifest.text).map { "\($0.name) \($0.version)" } == manifest.expected)
    }

    @Test("is known by its name alone", arguments: ["package-lock.json", "x.toml", "requirements.md", "readme"])
    func unknown(_ name: String) { #expect(DependencyManifest.reader(for: name) == nil) }

    @Test("that is all brackets and quotes is read without a fault", arguments: manifests)
    func mangled(_ manifest: Manifest) throws {
        let reader = try #require(DependencyManifest.reader(for: manifest.name))
        for length in stride(from: 0, to: manifest.text.count, by: 3) {
            _ = reader(String(manifest.text.prefix(length)))
            _ = reader(String(manifest.text.dropFirst(length)))
        }
    }
}
