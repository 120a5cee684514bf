// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: Swift 6 language mode (complete concurrency checking), no warnings, and the upcoming
/// features that make visibility explicit.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "transcoder",
    products: [
        .executable(name: "transcoder", targets: ["transcoder"]),
        .executable(name: "transcoder-media", targets: ["transcoder-media"]),
        // For tests, which preload it.
        .library(name: "ffmpeg-without", type: .dynamic, targets: ["ffmpeg-without"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.10.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        // What its traits add, full Foundation and swift-configuration, is not used.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C: what Swift cannot say, and no more.
        .systemLibrary(
            name: "CFFmpeg",
            pkgConfig: "libavformat libavcodec libavfilter libswscale libswresample libavutil",
            providers: [.apt([
                "libavformat-dev", "libavcodec-dev", "libavfilter-dev", "libswscale-dev", "libswresample-dev",
                "libavutil-dev",
            ])]
        ),
        .target(name: "CFFmpegShims", dependencies: ["CFFmpeg"]),
        .target(name: "CSandbox", linkerSettings: [.linkedLibrary("seccomp")]),
        .target(name: "CLinux"),

        // The child's side: Media links FFmpeg, the daemon does not.
        .target(name: "Verdicts", dependencies: ["Platform"], swiftSettings: strict),
        .target(name: "MediaWire", dependencies: ["CLinux", "Verdicts"], swiftSettings: strict),
        .target(
            name: "Media", dependencies: ["CFFmpeg", "CFFmpegShims", "CLinux", "MediaWire", "Platform", "Verdicts"], swiftSettings: strict),
        .executableTarget(
            name: "transcoder-media", dependencies: ["CSandbox", "Media", "MediaWire"], swiftSettings: strict),

        // The daemon's side.
        .target(name: "Jobs", dependencies: ["Verdicts"], swiftSettings: strict),
        // Not by pkg-config, whose flags for it are refused with a warning: its header lies where the system's do.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CMariaDB", pkgConfig: "libmariadb", providers: [.apt(["libmariadb-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "SQL",
            dependencies: [
                "CMariaDB", "CPostgreSQL", "Platform",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "Objects", dependencies: ["CLinux", "Platform", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        // libcurl: its TLS and its authorities are the system's.
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "HTTPClient", dependencies: ["CCurl"], swiftSettings: strict),
        .target(name: "SourceCache", dependencies: ["CLinux", "HTTPClient", "Objects", "Platform", "SQL"], swiftSettings: strict),
        .target(
            name: "ObjectsS3",
            dependencies: ["HTTPClient", "Objects", "Platform", "SourceCache", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(
            name: "Site",
            dependencies: [
                "CHiredis", "CLinux", "Jobs", "Platform", "SQL", "Verdicts",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "Platform", dependencies: [.product(name: "SystemPackage", package: "swift-system")], swiftSettings: strict),
        .target(
            name: "WorkerConfiguration",
            dependencies: ["Jobs", "MediaWire", "Platform", "SQL", "Verdicts", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),
        .target(
            name: "MediaProcess",
            dependencies: [
                "CLinux", "Jobs", "MediaWire", "Objects", "Platform", "Verdicts", "WorkerConfiguration",
            ],
            swiftSettings: strict),
        .target(
            name: "Observability",
            dependencies: [
                "Jobs", "MediaWire", "Platform", "Verdicts", "WorkerConfiguration",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "Execution",
            dependencies: [
                "HTTPClient", "Jobs", "MediaProcess", "MediaWire", "Objects", "ObjectsS3", "Observability", "Platform", "SQL", "Site",
                "SourceCache", "Verdicts", "WorkerConfiguration",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "Notifications",
            dependencies: [
                "HTTPClient", "MediaProcess", "MediaWire", "Platform", "SQL", "Site", "Verdicts", "WorkerConfiguration",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "Diagnostics",
            dependencies: [
                "CLinux", "Execution", "Jobs", "MediaProcess", "MediaWire", "Notifications", "Objects", "ObjectsS3", "Observability",
                "Platform", "Site", "SQL", "WorkerConfiguration",
            ],
            swiftSettings: strict),
        .target(
            name: "HTTPAPI",
            dependencies: [
                "Jobs", "MediaProcess", "MediaWire", "Objects", "Observability", "Platform", "Site", "Verdicts",
                "WorkerConfiguration",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Dashboard/Resources")],
            swiftSettings: strict),
        .target(
            name: "Daemon",
            dependencies: [
                "Diagnostics", "Execution", "HTTPAPI", "Jobs", "MediaProcess", "MediaWire", "Notifications", "Objects",
                "Observability", "Platform", "SQL", "Site", "Verdicts", "WorkerConfiguration",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "transcoder",
            dependencies: [
                "CLinux", "Daemon", "Diagnostics", "Execution", "HTTPClient", "Jobs", "MediaProcess", "MediaWire", "Notifications", "Objects",
                "ObjectsS3", "Observability", "Platform", "SQL", "Site", "SourceCache", "Verdicts", "WorkerConfiguration",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        // A Fresns-shaped site for the demo and the tests.
        .target(name: "ProgramFixture", dependencies: ["CLinux"], path: "fixtures/ProgramFixture", swiftSettings: strict),
        .target(
            name: "SiteFixture", dependencies: ["CLinux", "Objects", "ObjectsS3", "ProgramFixture", "SQL"], path: "fixtures/SiteFixture", swiftSettings: strict),
        .executableTarget(
            name: "transcoder-fixture",
            dependencies: ["SiteFixture", "SQL", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "fixtures/transcoder-fixture", swiftSettings: strict),

        // The daemon, made to die at a step of a job.
        .executableTarget(
            name: "dying-daemon",
            dependencies: [
                "Daemon", "Execution", "Jobs", "MediaProcess", "MediaWire", "WorkerConfiguration",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "fixtures/dying-daemon", swiftSettings: strict),

        // Many processes that claim, with the work itself left out: scripts/bench-claims.sh.
        .executableTarget(
            name: "claim-bench",
            dependencies: [
                "Jobs", "Site", "SiteFixture", "SQL",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "fixtures/claim-bench", swiftSettings: strict),

        .testTarget(name: "VerdictsTests", dependencies: ["TestSupport", "Verdicts"], swiftSettings: strict),
        .testTarget(name: "MediaWireTests", dependencies: ["MediaWire", "Verdicts"], swiftSettings: strict),
        .testTarget(name: "MediaTests", dependencies: ["Media", "MediaWire", "Verdicts"], swiftSettings: strict),
        .testTarget(name: "JobsTests", dependencies: ["Jobs", "TestSupport", "Verdicts"], swiftSettings: strict),
        .testTarget(name: "SQLTests", dependencies: ["SQL", "SiteFixture"], swiftSettings: strict),
        .testTarget(name: "ObjectsTests", dependencies: ["Objects"], swiftSettings: strict),
        .testTarget(name: "HTTPClientTests", dependencies: ["HTTPClient"], swiftSettings: strict),
        .testTarget(name: "SourceCacheTests", dependencies: ["HTTPClient", "Objects", "SourceCache"], swiftSettings: strict),
        .testTarget(name: "ObjectsS3Tests", dependencies: ["HTTPClient", "Objects", "ObjectsS3", "ProgramFixture"], swiftSettings: strict),
        .testTarget(name: "SiteTests", dependencies: ["Jobs", "SQL", "Site", "SiteFixture", "TestSupport", "Verdicts"], swiftSettings: strict),
        // What the tests of several modules share: a site with its media program, a child that misbehaves, the status' schema.
        .target(
            name: "TestSupport",
            dependencies: [
                "Execution", "Jobs", "MediaProcess", "MediaWire", "Observability", "Platform", "Site", "SiteFixture",
                "SQL", "Verdicts", "WorkerConfiguration",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "PlatformTests", dependencies: ["Platform", "SiteFixture"], swiftSettings: strict),
        .testTarget(
            name: "WorkerConfigurationTests",
            dependencies: ["Jobs", "MediaWire", "Site", "SQL", "TestSupport", "WorkerConfiguration"],
            swiftSettings: strict),
        .testTarget(
            name: "MediaProcessTests",
            dependencies: [
                "Jobs", "MediaProcess", "MediaWire", "Objects", "Platform", "TestSupport", "Verdicts",
                "WorkerConfiguration", "kernel-without", "sandbox-attempts", "transcoder-media",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ObservabilityTests",
            dependencies: [
                "Jobs", "MediaWire", "Observability", "Platform", "TestSupport", "Verdicts",
                "WorkerConfiguration",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ExecutionTests",
            dependencies: [
                "Diagnostics", "Execution", "Jobs", "MediaProcess", "MediaWire", "Objects", "Observability",
                "Platform", "SQL", "Site", "SiteFixture", "TestSupport", "Verdicts", "WorkerConfiguration",
                "transcoder-media",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "NotificationsTests",
            dependencies: [
                "Jobs", "Notifications", "SQL", "Site", "SiteFixture", "TestSupport", "Verdicts", "WorkerConfiguration",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DiagnosticsTests", dependencies: ["Diagnostics", "Site", "SQL", "TestSupport", "WorkerConfiguration"],
            swiftSettings: strict),
        .testTarget(
            name: "HTTPAPITests",
            dependencies: [
                "Execution", "HTTPAPI", "Jobs", "Observability", "Platform", "Site", "SiteFixture", "SQL", "TestSupport", "Verdicts",
                "WorkerConfiguration",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Execution", "Jobs", "MediaProcess", "MediaWire", "Objects", "Observability",
                "Platform", "SQL", "Site", "SiteFixture", "TestSupport", "Verdicts", "WorkerConfiguration",
                "transcoder-media",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        // What a decoder in a stranger's hands would try, behind the layers that are named.
        .executableTarget(name: "sandbox-attempts", dependencies: ["CSandbox"], path: "Tests/SandboxAttempts"),
        // Runs a program as where a layer is missing.
        .executableTarget(
            name: "kernel-without", path: "Tests/KernelWithout", linkerSettings: [.linkedLibrary("seccomp")]),
        // Lets FFmpeg look like another machine's.
        .target(name: "ffmpeg-without", dependencies: ["CFFmpeg"], path: "Tests/FFmpegWithout", publicHeadersPath: "."),
        .testTarget(name: "SandboxTests", dependencies: ["ProgramFixture", "kernel-without", "sandbox-attempts"], swiftSettings: strict),
        // Runs the built programs as a user does.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Jobs", "SiteFixture", "SQL", "claim-bench", "dying-daemon", "kernel-without", "transcoder",
                "transcoder-fixture", "transcoder-media",
            ],
            swiftSettings: strict),
    ]
)

// Built by scripts/fuzz-parsers.sh alone: it needs the whole package instrumented, and a runtime that not every toolchain has.
if Context.environment["TRANSCODER_FUZZ_PARSERS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz-parsers",
            dependencies: [
                "Jobs", "MediaWire", "Site", "Verdicts", "WorkerConfiguration",
            ], path: "fixtures/fuzz-parsers",
            swiftSettings: strict))
}

// What depends on FFmpeg's and the C library's version, without the rest: scripts/test-release.sh builds it in another Debian.
if Context.environment["TRANSCODER_ONLY_MEDIA"] != nil {
    let kept: Set = [
        "CFFmpeg", "CFFmpegShims", "CLinux", "CSandbox", "Media", "MediaTests", "MediaWire", "Platform", "ProgramFixture", "SandboxTests",
        "Verdicts", "kernel-without", "sandbox-attempts", "transcoder-media",
    ]
    package.targets.removeAll { !kept.contains($0.name) }
    package.products.removeAll { $0.name != "transcoder-media" }
}
