/// Finds programs on the disk and says whether they can be trusted. Blocks; runs when a policy is loaded.
package struct ProgramSearch: Sendable {
    /// Looked through in this order. Local ones come last: a name that the system has is the system's.
    let folders: [String]
    /// Where a real file may lie when no toolchain is listed for it.
    let systemRoots: [String]
    /// Who may own what lies in them.
    let owners: Set<UInt32>

    package init(folders: [String], systemRoots: [String], owners: Set<UInt32>) {
        self.folders = folders
        self.systemRoots = systemRoots
        self.owners = owners
    }

    package static let system = ProgramSearch(
        folders: ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"],
        systemRoots: ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store", "/System", "/Library"], owners: [0])

    /// Finds nothing; for judging without a machine.
    package static let none = ProgramSearch(folders: [], systemRoots: [], owners: [])

    package enum Finding: Sendable, Hashable {
        case found(Program)
        case missing
        /// A clause: `can be changed by others than root (/usr/local/bin)`.
        case untrusted(String)
    }

    /// - Parameter name: A file name.
    func find(_ name: String, toolchains: [Toolchain]) -> Finding {
        var objection: String?
        for toolchain in toolchains {
            guard let path = toolchain.path(of: name) else { continue }
            switch look(path, named: name, toolchain: toolchain, all: toolchains) {
            case .found(let program): return .found(program)
            case .untrusted(let reason): return .untrusted(reason)
            case .missing: objection = "is listed by the toolchain \"\(toolchain.name)\" and not there"
            }
        }
        if let objection { return .untrusted(objection) }
        for folder in folders {
            switch look("\(folder)/\(name)", named: name, toolchain: nil, all: toolchains) {
            case .found(let program): return .found(program)
            case .untrusted(let reason): objection = objection ?? reason
            case .missing: continue
            }
        }
        return objection.map(Finding.untrusted) ?? .missing
    }

    private func look(_ path: String, named name: String, toolchain: Toolchain?, all: [Toolchain]) -> Finding {
        guard let real = ProgramFile.realPath(path) else { return .missing }
        guard let file = ProgramFile(path: real), file.kind == .file, file.isExecutable else {
            return .untrusted("is not an executable file (\(path))")
        }
        // The folder that the name stands in decides where a link leads, so it is asked as well.
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        for place in [ProgramFile.realPath(parent) ?? parent, real] {
            if let objection = objection(to: place, toolchains: all) { return .untrusted(objection) }
        }
        let spellings = toolchain == nil ? self.spellings(of: name, real: real) : [path]
        return .found(
            Program(name: name, executable: path, real: real, toolchain: toolchain?.folder, spellings: spellings))
    }

    private func objection(to real: String, toolchains: [Toolchain]) -> String? {
        var owners = owners
        var mayGroupWrite = false
        if let toolchain = toolchains.first(where: { Self.lies(real, in: ProgramFile.realPath($0.folder) ?? $0.folder) }
        ) {
            if let owner = ProgramFile(path: ProgramFile.realPath(toolchain.folder) ?? toolchain.folder)?.owner {
                owners.insert(owner)
            }
            mayGroupWrite = true
        } else if !systemRoots.contains(where: { Self.lies(real, in: $0) }) {
            return "leads to \(real), which no toolchain of policy.yaml lists"
        }
        for place in ProgramFile.chain(real) {
            guard let file = ProgramFile(path: place) else { return "cannot be looked at (\(place))" }
            let isOpen = file.othersWrite || (file.groupWrites && !mayGroupWrite)
            if isOpen || !owners.contains(file.owner) { return "can be changed by others (\(place))" }
        }
        return nil
    }

    /// Every way to write it absolutely through the system folders: `/bin/git` is `/usr/bin/git`.
    private func spellings(of name: String, real: String) -> Set<String> {
        Set(folders.map { "\($0)/\(name)" }.filter { ProgramFile.realPath($0) == real })
    }

    private static func lies(_ path: String, in folder: String) -> Bool {
        path.utf8.elementsEqual(folder.utf8) || path.utf8.starts(with: (folder + "/").utf8)
    }
}

/// A program that may be started, pinned to its file.
package struct Program: Sendable, Hashable {
    package let name: String
    /// What is executed. A `.venv`'s python is a link to the system's and finds its packages by this very path, so the
    /// link is kept and where it leads was checked.
    package let executable: String
    /// Where it leads.
    package let real: String
    /// The folder of the toolchain it comes from.
    package let toolchain: String?
    /// Absolute paths that mean it.
    let spellings: Set<String>
}
