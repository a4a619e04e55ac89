// swift-tools-version: 6.2
//
// One package: a C-library binding, the artifact format, the models, the engine, the algorithms
// and the executables over them. Dependencies point one way; see ARCHITECTURE.md.

import PackageDescription

/// Settings of every Swift target: the newest language mode's checks that are still opt-in.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

/// A library target of this package.
func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
    resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: exclude, resources: resources,
        swiftSettings: swiftSettings)
}

/// One of the small executables: it parses, calls the libraries, and prints.
func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: ["ToolSupport", argumentParser] + dependencies,
        swiftSettings: swiftSettings)
}

/// An executable that runs a model.
func modelTool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    tool(name, ["Experiments", "ModelToolSupport", "Models"] + dependencies)
}

/// The tests of the library `module`.
func tests(_ module: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: module + "Tests", dependencies: [.target(name: module)] + dependencies,
        swiftSettings: swiftSettings)
}

/// The tests of a library that works on experiments.
func experimentTests(_ module: String, _ dependencies: [Target.Dependency] = []) -> Target {
    tests(
        module,
        [
            "Artifacts", "Basics", "Engine", "ExperimentSupport", "Graphs", "Tasks",
        ] + dependencies)
}

/// The executables.
let tools = [
    modelTool("circuit-run", ["Basics", "Engine", "Graphs", "Tokenization"]),
    modelTool(
        "circuit-pairs",
        ["Artifacts", "Basics", "Interchange", "Presentation", "Tasks", "Tokenization"]),
    modelTool("circuit-cache", ["Artifacts", "Basics", "Engine"]),
    modelTool("circuit-patch", ["Artifacts", "Basics", "Discovery", "Tasks"]),
    modelTool(
        "circuit-score",
        ["Artifacts", "Basics", "CircuitRuns", "Discovery", "Engine", "Graphs", "Tasks"]),
    modelTool(
        "circuit-prune",
        [
            "Artifacts", "Basics", "CircuitRuns", "Discovery", "Engine", "Graphs", "Interchange",
            "Tasks",
        ]),
    modelTool(
        "circuit-eval",
        [
            "Artifacts", "Basics", "CircuitRuns", "Discovery", "Engine", "Evaluation", "Graphs",
            "Presentation", "Tasks",
        ]),
    tool("circuit-diff", ["Artifacts", "Graphs", "Presentation"]),
    tool("circuit-show", ["Artifacts", "Basics", "Graphs", "Presentation"]),
    tool("circuit-check", ["Artifacts", "Basics", "Graphs", "Presentation", "Reproduction"]),
    modelTool(
        "circuit-trace",
        ["Artifacts", "Basics", "Discovery", "Engine", "Graphs", "Tokenization"]),
    modelTool(
        "circuit-steer",
        [
            "Artifacts", "Basics", "Discovery", "Engine", "Graphs", "Interchange", "Tokenization",
        ]),
    modelTool(
        "circuit-vector", ["Artifacts", "Basics", "Discovery", "Engine", "Interchange"]),
    tool("circuit-convert", ["Artifacts", "Basics", "Interchange"]),
    modelTool("circuit-bench", ["Artifacts", "Discovery", "Engine", "Graphs", "Tasks"]),
]

let package = Package(
    name: "CircuitTools",
    products: tools.map { .executable(name: $0.name, targets: [$0.name]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(
            name: "COniguruma", pkgConfig: "oniguruma", providers: [.apt(["libonig-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "COpenBLAS"),
        .target(name: "CKernels"),
        library("Basics"),
        library("HDF5", ["Basics", "CHDF5"]),
        library(
            "Artifacts", ["Basics", "HDF5", crypto], exclude: ["Kinds/README.md"],
            // The current schema of each kind, as links into schemas/.
            resources: [.embedInCode("Schemas")]),
        library("Tokenization", ["Basics", "COniguruma"]),
        library(
            "Models",
            [
                "Basics", "CKernels", "Tokenization", crypto,
                .product(name: "Yams", package: "Yams"),
            ]),
        library("Engine", ["Basics", "CKernels", "COpenBLAS", "Models"]),
        library("Graphs", ["Artifacts", "Basics"]),
        library("Tasks", ["Artifacts", "Basics", "Tokenization"]),
        library("Experiments", ["Artifacts", "Basics", "Engine", "Graphs", "Models", "Tasks"]),
        library(
            "CircuitRuns",
            ["Artifacts", "Basics", "Engine", "Experiments", "Graphs", "Models", "Tasks"]),
        library(
            "Discovery",
            [
                "Artifacts", "Basics", "CircuitRuns", "Engine", "Experiments", "Graphs", "Models",
                "Tasks",
            ]),
        library(
            "Evaluation",
            ["Artifacts", "Basics", "CircuitRuns", "Engine", "Experiments", "Graphs", "Tasks"]),
        library(
            "Interchange",
            [
                "Artifacts", "Basics", "CZlib", "Graphs", "Models", "Tasks", "Tokenization",
            ],
            exclude: ["Torch/README.md"]),
        library(
            "Presentation",
            ["Artifacts", "Basics", "Graphs", .product(name: "Yams", package: "Yams")]),
        library("Reproduction", ["Artifacts", "Basics", "Models"]),
        library("ToolSupport", ["Artifacts", "Basics", "HDF5", argumentParser]),
        library(
            "ModelToolSupport",
            [
                "Artifacts", "Basics", "CircuitRuns", "Engine", "Experiments", "Graphs", "Models",
                "Tasks", "Tokenization", "ToolSupport", argumentParser,
            ]),
        .target(
            name: "TestSupport", dependencies: ["Artifacts", "Tokenization"],
            path: "Tests/TestSupport", swiftSettings: swiftSettings),
        .target(
            name: "ExperimentSupport",
            dependencies: [
                "Artifacts", "Engine", "Experiments", "Graphs", "Models", "Tasks", "TestSupport",
            ],
            path: "Tests/ExperimentSupport", swiftSettings: swiftSettings),
        tests("Basics"),
        tests("HDF5", ["Basics", "CHDF5"]),
        tests("Artifacts", ["Basics", "CHDF5", "HDF5", "TestSupport"]),
        tests("Tokenization", ["Basics", "Models", "TestSupport"]),
        tests("Models", ["Basics", "CKernels", "TestSupport"]),
        tests("Engine", ["Basics", "CKernels", "Models", "TestSupport", "Tokenization"]),
        tests("Graphs", ["Artifacts", "Basics", "TestSupport"]),
        tests("Tasks", ["Artifacts", "Basics", "Models", "TestSupport", "Tokenization"]),
        experimentTests("Experiments", ["CircuitRuns", "Models", "TestSupport"]),
        experimentTests("CircuitRuns", ["Experiments", "Models"]),
        experimentTests(
            "Discovery", ["CircuitRuns", "Evaluation", "Experiments", "Models", "TestSupport"]),
        experimentTests("Evaluation", ["CircuitRuns", "Experiments", "TestSupport"]),
        tests(
            "Interchange",
            ["Artifacts", "Basics", "Graphs", "Models", "Tasks", "TestSupport", "Tokenization"]),
        tests("Presentation", ["Artifacts", "Basics", "TestSupport"]),
        tests("Reproduction", ["Artifacts", "Basics"]),
        tests("ToolSupport", ["Artifacts", "Basics", argumentParser]),
        .target(
            name: "FuzzReaders",
            dependencies: [
                "Artifacts", "Basics", "Discovery", "Engine", "Experiments", "Graphs", "HDF5",
                "Interchange", "Models", "Presentation", "Tasks", "Tokenization",
            ],
            path: "Tests/Fuzzing/FuzzReaders", swiftSettings: swiftSettings),
        .testTarget(
            name: "FuzzingTests", dependencies: ["Artifacts", "FuzzReaders", "TestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ToolTests", dependencies: ["Artifacts", "HDF5", "Models", "TestSupport"],
            swiftSettings: swiftSettings),
    ] + tools,
    swiftLanguageModes: [.v6]
)

// Coverage-guided fuzzing of the readers: only where tools/fuzz asks for it, in a build of its own, as
// everything of this package is then made for libFuzzer and AddressSanitizer.
if Context.environment["CIRCUITTOOLS_FUZZ"] != nil {
    package.targets += [
        .target(name: "CFuzzing", path: "Tests/Fuzzing/CFuzzing"),
        .executableTarget(
            name: "circuit-fuzz",
            dependencies: ["CFuzzing", "FuzzReaders"], path: "Tests/Fuzzing/CircuitFuzz",
            swiftSettings: swiftSettings,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
    ]
    for target in package.targets where target.type != .system {
        target.swiftSettings =
            (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer,address"])]
        let unchecked = Context.packageDirectory + "/Tests/Fuzzing/unchecked.txt"
        target.cSettings =
            (target.cSettings ?? []) + [
                .unsafeFlags([
                    "-fsanitize=fuzzer-no-link,address", "-fsanitize-ignorelist=\(unchecked)",
                    "-fsanitize-coverage-ignorelist=\(unchecked)",
                ])
            ]
    }
}
