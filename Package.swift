// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(
    name: "SystemPackage", package: "swift-system", condition: .when(platforms: [.linux]))
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

/// For programs in C. SwiftPM links every executable with Swift's libraries and start files, which do not exist inside
/// the sandbox; nothing of them is needed.
let withoutSwift: [LinkerSetting] = [
    .unsafeFlags(
        ["-static-stdlib", "-nostartfiles", "-Xclang-linker", "-Wl,--as-needed"], .when(platforms: [.linux]))
]

let package = Package(
    name: "execution-layer",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "execlayer", targets: ["execlayer"]),
        .executable(name: "execlayer-sandbox-launch", targets: ["execlayer-sandbox-launch"]),
        .executable(name: "execlayer-sandbox-init", targets: ["execlayer-sandbox-init"]),
        .library(name: "LayerTesting", targets: ["LayerTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .target(name: "CDashboard", exclude: ["page"]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "CHTML",
            linkerSettings: [.linkedLibrary("gumbo"), .linkedLibrary("iconv", .when(platforms: [.macOS]))]),
        .target(name: "CPlatform"),
        .target(name: "ToolKit", dependencies: [crypto], swiftSettings: strict),
        .target(
            name: "Gate",
            dependencies: ["ToolKit", "CPlatform", crypto, "Yams"],
            swiftSettings: strict),
        .target(
            name: "Audit",
            dependencies: ["ToolKit", "CPlatform", crypto],
            swiftSettings: strict),
        .target(
            name: "Engine", dependencies: ["ToolKit", "Gate", "Audit", "CPlatform", crypto, logging],
            swiftSettings: strict),
        .executableTarget(
            name: "execlayer-sandbox-launch", path: "Sources/CSandboxLaunch", linkerSettings: withoutSwift),
        .executableTarget(
            name: "execlayer-sandbox-init", path: "Sources/CSandboxInit",
            linkerSettings: withoutSwift + [.linkedLibrary("seccomp", .when(platforms: [.linux]))]),
        .target(
            name: "Sandbox",
            dependencies: [
                "ToolKit", "CPlatform", crypto, subprocess, systemPackage,
            ],
            swiftSettings: strict),
        .target(
            name: "Machine", dependencies: ["ToolKit", "Sandbox", "CPlatform", "CZlib", crypto], swiftSettings: strict),
        .target(
            name: "Egress",
            dependencies: [
                "ToolKit", "CZlib",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .target(
            name: "Desktop", dependencies: ["ToolKit", "CPlatform", subprocess, systemPackage], swiftSettings: strict),
        .target(
            name: "Browser", dependencies: ["ToolKit", "Sandbox", "Egress"], swiftSettings: strict),
        .target(name: "HTML", dependencies: ["CHTML"], swiftSettings: strict),
        .target(name: "Tools", dependencies: ["ToolKit", "HTML", crypto], swiftSettings: strict),
        .target(
            name: "Store",
            dependencies: [
                "ToolKit", "Gate", "Audit", "Engine", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "HTTPDoor",
            dependencies: [
                "ToolKit", "Gate", "Audit", "Engine", "CDashboard", crypto, logging, lifecycle,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "execlayer",
            dependencies: [
                "ToolKit", "Gate", "Audit", "Engine", "Sandbox", "Machine", "Egress", "Browser", "Desktop", "Tools",
                "Store", "HTTPDoor", "CPlatform", logging, lifecycle,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "execlayer-bench", dependencies: ["CPlatform", "ToolKit", "Audit", "Store", "Sandbox"],
            path: "Benchmarks/Sources",
            swiftSettings: strict),
        .target(
            name: "LayerTesting",
            dependencies: ["ToolKit", "Gate", "Audit", "Engine", crypto],
            swiftSettings: strict),
        // For tests only: where they run.
        .target(name: "Surroundings", path: "Tests/Surroundings", swiftSettings: strict),
        .testTarget(name: "ToolKitTests", dependencies: ["ToolKit"], swiftSettings: strict),
        .testTarget(
            name: "AddingAToolTests", dependencies: ["Surroundings", "CPlatform", "Machine", "ToolKit"],
            swiftSettings: strict),
        .testTarget(name: "GateTests", dependencies: ["Gate", "LayerTesting", "ToolKit"], swiftSettings: strict),
        .testTarget(
            name: "InboxTests",
            dependencies: [
                "Audit", "Engine", "Gate", "LayerTesting", "Store", "ToolKit",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PreviewTests",
            dependencies: [
                "Audit", "Engine", "Gate", "LayerTesting", "Store", "ToolKit", "Tools",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TaskTests",
            dependencies: [
                "Audit", "Engine", "Gate", "LayerTesting", "Store", "ToolKit",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PlaybookTests",
            dependencies: [
                "Audit", "Engine", "Gate", "LayerTesting", "Store", "ToolKit", "Tools",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(name: "ConfigurationTests", dependencies: ["Gate", "ToolKit"], swiftSettings: strict),
        .testTarget(name: "PolicyTests", dependencies: ["Gate", "ToolKit"], swiftSettings: strict),
        .testTarget(name: "CommandPolicyTests", dependencies: ["Gate", "ToolKit"], swiftSettings: strict),
        .testTarget(
            name: "EgressTests",
            dependencies: [
                "CZlib", "Egress", "ToolKit",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DesktopTests", dependencies: ["Desktop", "ToolKit"], swiftSettings: strict),
        .testTarget(
            name: "BrowserTests",
            dependencies: [
                "Browser", "Egress", "Machine", "Sandbox", "Surroundings", "ToolKit", "Tools", crypto,
                "execlayer-sandbox-init", "execlayer-sandbox-launch",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HTMLTests", dependencies: ["HTML"], exclude: ["reference.py", "requirements.txt"],
            swiftSettings: strict),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "Sandbox", "Surroundings", "ToolKit", "CPlatform", "execlayer-sandbox-init", "execlayer-sandbox-launch",
            ],
            swiftSettings: strict),
        .testTarget(name: "AuditTests", dependencies: ["Audit", "ToolKit"], swiftSettings: strict),
        .testTarget(
            name: "AuditStoreTests",
            dependencies: ["Audit", "Store", "ToolKit", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .testTarget(
            name: "MachineFilesTests", dependencies: ["Sandbox", "Surroundings", "CPlatform", "Machine", "ToolKit"],
            swiftSettings: strict),
        .testTarget(
            name: "EffectTests", dependencies: ["Surroundings", "CPlatform", "Machine", "ToolKit", crypto],
            swiftSettings: strict),
        .testTarget(
            name: "CommandLayerTests",
            dependencies: [
                "CPlatform", "Machine", "Sandbox", "Surroundings", "ToolKit", crypto, "execlayer-sandbox-init",
                "execlayer-sandbox-launch",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FileToolsTests", dependencies: ["Surroundings", "Machine", "Tools", "ToolKit"], swiftSettings: strict
        ),
        .testTarget(
            name: "WorkspaceToolsTests", dependencies: ["Surroundings", "Machine", "Tools", "ToolKit"],
            swiftSettings: strict),
        .testTarget(
            name: "SystemToolsTests", dependencies: ["Machine", "Tools", "ToolKit"], swiftSettings: strict),
        .testTarget(
            name: "ArtifactTests",
            dependencies: [
                "Audit", "Engine", "Gate", "Machine", "Sandbox", "Store", "ToolKit",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: [
                "Gate", "HTTPDoor", "ToolKit", logging, lifecycle,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Engine", "Gate", "HTTPDoor", "ToolKit", "execlayer",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DashboardTests",
            dependencies: [
                "ToolKit", "execlayer",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            exclude: ["axe-requirements.txt"],
            swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "Gate", "Surroundings", "ToolKit", "execlayer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
    ]
)
