/// `pom.xml` and `build.gradle`, read as text: what they compute is not known.
enum JavaManifests {
    /// `<dependency>` elements as `group:artifact`.
    static func maven(_ text: String) -> [Dependency] {
        text.split(separator: "<dependency>").dropFirst().compactMap { part in
            let body = part.prefix(4_000)
            guard let artifact = element("artifactId", in: body) else { return nil }
            let name = element("groupId", in: body).map { "\($0):\(artifact)" } ?? String(artifact)
            return Dependency(name, element("version", in: body) ?? "")
        }
    }

    private static func element(_ name: String, in body: Substring) -> Substring? {
        let parts = body.split(separator: "</dependency>", maxSplits: 1, omittingEmptySubsequences: false)
        let opened = parts[0].split(separator: "<\(name)>", maxSplits: 1, omittingEmptySubsequences: false)
        guard opened.count == 2 else { return nil }
        return opened[1].prefix { $0 != "<" }.trimmed
    }

    private static let configurations: Set<Substring> = [
        "implementation", "api", "compileOnly", "runtimeOnly", "testImplementation", "testRuntimeOnly", "compile",
        "testCompile", "annotationProcessor", "kapt", "ksp", "classpath", "androidTestImplementation",
        "testCompileOnly", "debugImplementation",
    ]

    /// `implementation 'group:name:version'` and the form with parentheses.
    static func gradle(_ text: String) -> [Dependency] {
        text.textLines.compactMap { line in
            let line = line.trimmed
            let word = line.prefix { $0.isLetter }
            guard configurations.contains(word), let (coordinates, _) = line.quoted() else { return nil }
            let parts = coordinates.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 2, !parts[0].isEmpty else { return nil }
            return Dependency("\(parts[0]):\(parts[1])", parts.count > 2 ? parts[2] : "")
        }
    }
}
