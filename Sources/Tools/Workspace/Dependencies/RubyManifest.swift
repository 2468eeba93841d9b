/// `Gemfile`: `gem "name", "~> 1.0"`.
enum RubyManifest {
    static func dependencies(_ text: String) -> [Dependency] {
        text.textLines.compactMap { line in
            let line = line.trimmed
            guard line.hasPrefix("gem "), let (name, end) = line.quoted() else { return nil }
            var versions: [Substring] = []
            for part in line[end...].split(separator: ",") {
                let part = part.trimmed
                guard part.hasPrefix("\"") || part.hasPrefix("'"), let (version, _) = part.quoted() else { break }
                versions.append(version)
            }
            return Dependency(name, versions.joined(separator: ", "))
        }
    }
}
