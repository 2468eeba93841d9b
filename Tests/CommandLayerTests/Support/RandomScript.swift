/// Scripts of bash that change a tree at random. Each line may fail; what it does before that counts.
struct RandomScript {
    /// Names as bash reads them.
    private static let names = [
        "a", "b", "name", "with' '", #"$'new\nline'"#, #"$'\xff\xfe'"#, "-rf", "..x", ".hidden", #"$'tab\t'"#,
        #"'quo"te'"#,
        "'$HOME'", "é", "x,y", "'a:b'", #"'back\slash'"#, "UPPER", "upper", "long" + String(repeating: "g", count: 200),
    ]
    private static let fileModes = ["600", "644", "755", "700", "640", "444", "400", "666"]
    private static let folderModes = ["700", "755", "750", "775", "711", "777"]

    private(set) var folders: [String]
    private(set) var files: [String]

    /// - Parameters:
    ///   - folders: Of the tree, as bash reads them.
    ///   - files: Likewise.
    init(folders: [String], files: [String]) {
        self.folders = folders
        self.files = files
    }

    /// How the tree is made that scripts change: 40 folders with 50 files each.
    static func tree(using seed: inout Seed) -> (script: String, folders: [String], files: [String]) {
        var lines = ["umask 022"]
        var folders: [String] = []
        var files: [String] = []
        for number in 0..<40 {
            let parent =
                folders.isEmpty || Int.random(in: 0..<3, using: &seed) == 0
                ? "" : folders.randomElement(using: &seed) ?? ""
            let folder =
                (parent.isEmpty ? "./" : parent + "/") + "d\(number)" + (names.randomElement(using: &seed) ?? "")
            folders.append(folder)
            lines.append("mkdir -p -- \(folder)")
            for file in 0..<50 {
                let path = folder + "/f\(file)" + (file % 10 == 0 ? names.randomElement(using: &seed) ?? "" : "")
                files.append(path)
                switch file % 25 {
                case 0: lines.append("ln -s ../f1 \(path)")
                case 1: lines.append(": > \(path)")
                default:
                    lines.append("echo \(number) \(file) \(UInt16.random(in: .min ... .max, using: &seed)) > \(path)")
                }
                if file % 7 == 0, file % 25 > 1 {
                    lines.append("chmod \(fileModes.randomElement(using: &seed) ?? "644") \(path)")
                }
            }
        }
        return (lines.joined(separator: "\n"), folders, files)
    }

    mutating func script(lines count: Int, using seed: inout Seed) -> String {
        var lines = ["umask 022", "exec 2> /dev/null"]
        for _ in 0..<count { lines.append(line(using: &seed)) }
        lines.append("true")
        return lines.joined(separator: "\n")
    }

    private func fresh(using seed: inout Seed) -> String {
        (folders.randomElement(using: &seed) ?? ".") + "/n\(UInt8.random(in: 0..<100, using: &seed))"
            + (Self.names.randomElement(using: &seed) ?? "")
    }

    private mutating func newFile(using seed: inout Seed) -> String {
        let path = fresh(using: &seed)
        files.append(path)
        return path
    }

    private mutating func newFolder(using seed: inout Seed) -> String {
        let path = fresh(using: &seed)
        folders.append(path)
        return path
    }

    private mutating func line(using seed: inout Seed) -> String {
        let file = files.randomElement(using: &seed) ?? "x"
        let other = files.randomElement(using: &seed) ?? "x"
        let folder = folders.randomElement(using: &seed) ?? "x"
        let number = UInt16.random(in: .min ... .max, using: &seed)
        switch Int.random(in: 0..<22, using: &seed) {
        case 0: return "echo \(number) > \(file)"
        case 1: return "echo \(number) >> \(file)"
        case 2: return "echo \(number) > \(newFile(using: &seed))"
        case 3: return "rm -f -- \(file)"
        case 4: return "rm -rf -- \(folder)"
        case 5: return "mv -f -- \(file) \(newFile(using: &seed))"
        case 6: return "mv -f -T -- \(file) \(other)"
        case 7: return "mv -T -- \(folder) \(newFolder(using: &seed))"
        case 8: return "chmod \(Self.fileModes.randomElement(using: &seed) ?? "644") \(file)"
        case 9: return "chmod \(Self.folderModes.randomElement(using: &seed) ?? "755") \(folder)"
        case 10: return "ln -s target\(number) \(newFile(using: &seed))"
        case 11: return "ln -sfn target\(number) \(file)"
        case 12: return "ln -- \(file) \(newFile(using: &seed)); echo \(number) >> \(file)"
        case 13: return "rm -f -- \(file) && mkdir -- \(file) && echo \(number) > \(file)/in"
        case 14: return "rm -rf -- \(folder); echo \(number) > \(folder)"
        case 15: return "mkdir -p -- \(newFolder(using: &seed))/in/ner"
        case 16: return "rm -rf -- \(folder); mkdir -p -- \(folder); echo \(number) > \(folder)/again"
        case 17: return "cp -p -- \(file) \(other)"
        case 18: return "cat \(file) > /tmp/x; cat /tmp/x > \(file); touch \(other)"
        case 19: return "mv -T -- \(folder) \(folder).away; mv -T -- \(folder).away \(folder)"
        case 20: return "truncate -s \(number) \(file)"
        default: return "rmdir -- \(folder) || rm -rf -- \(folder)/f1*"
        }
    }
}
