// swift-tools-version: 6.2
//
// One package: a C-library binding, the artifact format, the models, the engine, the algorithms
// and the executables over them. Dependencies point one way; see README.md, "Layout".

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
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

/// One of the small executables: it parses, calls the libraries, and prints.
func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: ["Artifacts", "Basics", "ToolSupport", argumentParser] + dependencies,
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

/// The current schema of each kind of artifact, built into the executables.
let artifactSchemas = [
    "dataset-1.0.0", "activation-cache-1.0.0", "patch-effects-1.0.0", "edge-scores-1.0.0",
    "circuit-1.3.0", "evaluation-1.0.0", "circuit-diff-1.0.0",
]

/// The executables, with the libraries that each needs besides those of all.
let tools = [
    tool("circuit-run", ["Experiments", "Graphs", "Interchange"] + models),
    tool("circuit-pairs", ["Experiments", "Interchange"] + models),
    tool("circuit-cache", ["Experiments"] + models),
    tool("circuit-patch", ["Discovery", "Experiments", "Graphs"] + models),
    tool("circuit-score", ["CircuitRuns", "Discovery", "Experiments", "Graphs"] + models),
    tool("circuit-prune", ["CircuitRuns", "Discovery", "Experiments", "Graphs", "Interchange"] + models),
    tool("circuit-eval", ["CircuitRuns", "Discovery", "Evaluation", "Experiments", "Graphs", "Interchange"] + models),
    tool("circuit-diff", ["Graphs", "Interchange"]),
    tool("circuit-show", ["Interchange"]),
    tool("circuit-check", ["Interchange"]),
    tool("circuit-bench", ["Discovery", "Experiments", "Graphs"] + models),
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
            "Artifacts", ["Basics", "HDF5", crypto],
            resources: artifactSchemas.map { .embedInCode("Schemas/\($0).json") }),
        library("Tokenization", ["Basics"]),
        library("Models", ["Basics", "CKernels", "Tokenization", crypto]),
        library("Engine", ["Basics", "CKernels", "COpenBLAS", "Models"]),
        library("Graphs", ["Artifacts", "Basics"]),
        library("Tasks", ["Artifacts", "Basics", "Tokenization"]),
        library("Experiments", ["Artifacts", "Basics", "CKernels", "Engine", "Graphs", "Models", "Tasks"]),
        library(
            "CircuitRuns",
            ["Artifacts", "Basics", "CKernels", "Engine", "Experiments", "Graphs", "Models", "Tasks"]),
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
        library(
            "ToolSupport",
            [
                "Artifacts", "Basics", "CircuitRuns", "Experiments", "Graphs", argumentParser,
            ] + models),
        .target(
            name: "TestSupport", dependencies: ["Artifacts", "Basics", "Tokenization"],
            path: "Tests/TestSupport", swiftSettings: swiftSettings),
        .target(
            name: "ExperimentSupport",
            dependencies: ["Artifacts", "Basics", "Experiments", "Graphs", "TestSupport"] + models,
            path: "Tests/ExperimentSupport", swiftSettings: swiftSettings),
        tests("Basics"),
        tests("HDF5", ["CHDF5"]),
        tests("Artifacts", ["HDF5"]),
        tests("Tokenization", ["Models"]),
        tests("Models"),
        tests("Engine", ["CKernels", "Models", "Tokenization"]),
        tests("Graphs", ["Artifacts"]),
        tests("Tasks", ["Artifacts", "Models", "Tokenization"]),
        tests("Experiments", ["Artifacts", "CircuitRuns", "Discovery", "ExperimentSupport", "Graphs"] + models),
        tests("CircuitRuns", ["Artifacts", "Discovery", "ExperimentSupport", "Experiments", "Graphs"] + models),
        tests("Discovery", ["Artifacts", "CircuitRuns", "ExperimentSupport", "Experiments", "Graphs"] + models),
        tests("Evaluation", ["Artifacts", "CircuitRuns", "Discovery", "ExperimentSupport", "Experiments", "Graphs"] + models),
        tests("Interchange", ["Artifacts", "Graphs"] + models),
        tests("ToolSupport", ["Artifacts", "Interchange"] + models),
        .testTarget(
            name: "ToolTests",
            dependencies: ["Artifacts", "Basics", "HDF5", "Models", "TestSupport"],
            swiftSettings: swiftSettings),
    ] + tools,
    swiftLanguageModes: [.v6]
)
