/// What one very call would touch. The gate judges this value, and whoever runs the call enforces the same value.
public struct Access: Sendable, Hashable {
    public enum PathUse: String, Sendable, Hashable {
        /// Reads the file or looks at the folder itself.
        case read
        /// Creates, replaces or deletes the file.
        case write
        /// Reads what lies below the folder, as far as the rules allow each file.
        case search
    }

    /// Facts of this machine outside the workspace.
    public enum HostAspect: String, Sendable, Hashable, CaseIterable {
        case system
        case processes
        case services
        case connections
        case eventLog
    }

    public struct Place: Sendable, Hashable {
        public let path: WorkspacePath
        public let use: PathUse

        public init(_ path: WorkspacePath, _ use: PathUse) {
            self.path = path
            self.use = use
        }
    }

    /// An earlier call that this one is about.
    public struct Origin: Sendable, Hashable {
        /// Who asked for it. Nobody else's agent may touch what it did.
        public let principal: String
        /// Canonical.
        public let toolName: String
        /// What an approval of that very call is bound to.
        public let digest: CallDigest?

        public init(principal: String, toolName: String, digest: CallDigest? = nil) {
            self.principal = principal
            self.toolName = toolName
            self.digest = digest
        }
    }

    /// In the order in which the call names them.
    public var places: [Place]
    public var hostAspects: Set<HostAspect>
    /// Programs that the call starts, in order.
    public var commands: [Command]
    /// Whom it sends requests to. Where redirects lead is judged when they come.
    public var endpoints: [WebEndpoint] = []
    /// Files of ``places`` that are deleted or get another name, for budgets.
    public var deletions = 0
    /// Contents that it brings into files, in bytes, for budgets; `nil`: those of its arguments that are contents.
    public var bytesWritten: Int?
    /// Requests that leave this machine, for budgets; `nil`: one of a tool that says it reaches out.
    public var externalRequests: Int?
    /// The earlier call whose effect it applies or takes back.
    public var origin: Origin?
    /// The effect that rules about effects judge.
    public var effect: EffectFacts?
    /// Whether a run of it is a preview: it works on a throw-away layer, and what it did waits to be applied.
    public var runsAsPreview = false

    /// Whether it uses keyboard, pointer or screen of this machine's desktop.
    public var usesDesktop = false

    public init(places: [Place] = [], hostAspects: Set<HostAspect> = [], commands: [Command] = []) {
        self.places = places
        self.hostAspects = hostAspects
        self.commands = commands
    }

    public static let nothing = Access()

    public static func read(_ paths: WorkspacePath...) -> Access { Access(places: paths.map { Place($0, .read) }) }

    public static func write(_ paths: WorkspacePath...) -> Access { Access(places: paths.map { Place($0, .write) }) }

    public static func search(_ folder: WorkspacePath) -> Access { Access(places: [Place(folder, .search)]) }

    public static func observe(_ aspects: HostAspect...) -> Access { Access(hostAspects: Set(aspects)) }

    public static var desktop: Access {
        var access = Access()
        access.usesDesktop = true
        return access
    }

    public static func run(_ commands: Command...) -> Access { Access(commands: commands) }

    public static func fetch(_ urls: WebURL...) -> Access {
        var access = Access()
        access.endpoints = urls.map(\.endpoint)
        return access
    }

    /// Whether all it does is to read single files.
    public var isQuick: Bool {
        commands.isEmpty && hostAspects.isEmpty && !usesDesktop && endpoints.isEmpty && origin == nil
            && places.allSatisfy { $0.use == .read }
    }

    /// Whether the call can change anything; such a call is durable in the audit before it starts. What has left this
    /// machine cannot be taken back either.
    public var canChange: Bool {
        origin != nil || usesDesktop || !endpoints.isEmpty || places.contains { $0.use == .write }
            || commands.contains(where: \.mayWrite)
    }
}
