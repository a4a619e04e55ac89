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
        name: name,
        dependencies: ["Artifacts", "Basics", "ToolSupport", argumentParser] + dependencies,
        swiftSettings: swiftSettings)
}

/// The tests of the library `module`.
func tests(_ module: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: module + "Tests",
        dependencies: [.target(name: module), "Basics", "TestSupport"] + dependencies,
        swiftSettings: swiftSettings)
}

/// What runs a model on pairs: the libraries that most tests and executables need.
let models: [Target.Dependency] = ["Engine", "Models", "Tasks", "Tokenization"]

/// The same, for executables.
let modelTools: [Target.Dependency] = models + ["ModelToolSupport"]

/// The executables, with the libraries that each needs besides those of all.
let tools = [
    tool("circuit-run", ["Experiments", "Graphs", "Presentation"] + modelTools),
    tool("circuit-pairs", ["Experiments", "Interchange"] + modelTools),
    tool("circuit-cache", ["Experiments"] + modelTools),
    tool("circuit-patch", ["Discovery", "Experiments", "Graphs"] + modelTools),
    tool("circuit-score", ["CircuitRuns", "Discovery", "Experiments", "Graphs"] + modelTools),
    tool(
        "circuit-prune",
        ["CircuitRuns", "Discovery", "Experiments", "Graphs", "Interchange"] + modelTools),
    tool(
        "circuit-eval",
        ["CircuitRuns", "Discovery", "Evaluation", "Experiments", "Graphs", "Presentation"]
            + modelTools),
    tool("circuit-diff", ["Graphs", "Presentation"]),
    tool("circuit-show", ["Presentation"]),
    tool("circuit-check", ["Presentation"]),
    tool("circuit-bench", ["Discovery", "Experiments", "Graphs"] + modelTools),
]

let package = Package(
    name: "CircuitTools",
    products: tools.map { .executable(name: $0.name, targets: [$0.name]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    ],
    targets: [
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .target(name: "COpenBLAS"),
        .target(name: "CKernels"),
        library("Basics"),
        library("HDF5", ["Basics", "CHDF5"]),
        library(
            "Artifacts", ["Basics", "HDF5", crypto], exclude: ["Kinds/README.md"],
            // The current schema of each kind, as links into schemas/.
            resources: [.embedInCode("Schemas")]),
        library("Tokenization", ["Basics"]),
        library("Models", ["Basics", "CKernels", "Tokenization", crypto]),
        library("Engine", ["Basics", "CKernels", "COpenBLAS", "Models"]),
        library("Graphs", ["Artifacts", "Basics"]),
        library("Tasks", ["Artifacts", "Basics", "Tokenization"]),
        library(
            "Experiments",
            ["Artifacts", "Basics", "CKernels", "Engine", "Graphs", "Models", "Tasks"]),
        library(
            "CircuitRuns",
            [
                "Artifacts", "Basics", "CKernels", "Engine", "Experiments", "Graphs", "Models",
                "Tasks",
            ]),
        library(
            "Discovery",
            [
                "Artifacts", "Basics", "CKernels", "CircuitRuns", "Engine", "Experiments", "Graphs",
                "Models", "Tasks",
            ]),
        library(
            "Evaluation",
            ["Artifacts", "Basics", "CircuitRuns", "Experiments", "Graphs", "Tasks"]),
        library(
            "Interchange",
            [
                "Artifacts", "Basics", "Graphs", "Tasks", "Tokenization",
                .product(name: "SwiftCSV", package: "SwiftCSV"),
            ]),
        library("Presentation", ["Artifacts", "Basics", "Graphs"]),
        library("ToolSupport", ["Artifacts", "Basics", argumentParser]),
        library(
            "ModelToolSupport",
            [
                "Artifacts", "Basics", "CircuitRuns", "Experiments", "Graphs", "ToolSupport",
                argumentParser,
            ] + models),
        .target(
            name: "TestSupport", dependencies: ["Artifacts", "Basics", "Tokenization"],
            path: "Tests/TestSupport", swiftSettings: swiftSettings),
        .target(
            name: "ExperimentSupport",
            dependencies: [
                "Artifacts", "Basics", "Experiments", "Graphs", "TestSupport",
            ] + models,
            path: "Tests/ExperimentSupport", swiftSettings: swiftSettings),
        .testTarget(
            name: "BasicsTests", dependencies: ["Basics"], swiftSettings: swiftSettings),
        tests("HDF5", ["CHDF5"]),
        tests("Artifacts", ["HDF5"]),
        tests("Tokenization", ["Models"]),
        tests("Models"),
        tests("Engine", ["CKernels", "Models", "Tokenization"]),
        tests("Graphs", ["Artifacts"]),
        tests("Tasks", ["Artifacts", "Models", "Tokenization"]),
        tests(
            "Experiments",
            ["Artifacts", "CircuitRuns", "ExperimentSupport", "Graphs"] + models),
        tests(
            "CircuitRuns",
            ["Artifacts", "ExperimentSupport", "Experiments", "Graphs"] + models),
        tests(
            "Discovery",
            [
                "Artifacts", "CircuitRuns", "Evaluation", "ExperimentSupport", "Experiments",
                "Graphs",
            ] + models),
        tests(
            "Evaluation",
            ["Artifacts", "CircuitRuns", "ExperimentSupport", "Experiments", "Graphs"]
                + models),
        tests("Interchange", ["Artifacts", "Graphs"] + models),
        tests("Presentation", ["Artifacts"]),
        tests("ToolSupport", ["Artifacts"]),
        .testTarget(
            name: "ToolTests",
            dependencies: ["Artifacts", "Basics", "HDF5", "Models", "TestSupport"],
            swiftSettings: swiftSettings),
    ] + tools,
    swiftLanguageModes: [.v6]
)
