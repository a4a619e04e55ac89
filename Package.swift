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
func tool(_ name: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [
            "Artifacts", "Circuits", "Engine", "Failures", "Interchange", "Models", "Tokenization",
            "ToolSupport", argumentParser,
        ],
        swiftSettings: swiftSettings)
}

/// The tests of the library `module`.
func tests(_ module: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: module + "Tests",
        dependencies: [.target(name: module), "Failures", "TestSupport"] + dependencies,
        swiftSettings: swiftSettings)
}

/// The current schema of each kind of artifact, built into the executables.
let artifactSchemas = [
    "dataset-1.0.0", "activation-cache-1.0.0", "patch-effects-1.0.0", "edge-scores-1.0.0",
    "circuit-1.3.0", "evaluation-1.0.0", "circuit-diff-1.0.0",
]

let toolNames = [
    "circuit-run", "circuit-pairs", "circuit-cache", "circuit-patch", "circuit-score",
    "circuit-prune", "circuit-eval", "circuit-diff", "circuit-show", "circuit-check",
    "circuit-bench",
]

let package = Package(
    name: "CircuitTools",
    products: toolNames.map { .executable(name: $0, targets: [$0]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    ],
    targets: [
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .target(name: "COpenBLAS"),
        .target(name: "CKernels"),
        library("Failures"),
        library("HDF5", ["CHDF5", "Failures"]),
        library(
            "Artifacts", ["Failures", "HDF5", crypto],
            resources: artifactSchemas.map { .embedInCode("Schemas/\($0).json") }),
        library("Tokenization", ["Failures"]),
        library("Models", ["CKernels", "Failures", "Tokenization", crypto]),
        library("Engine", ["CKernels", "COpenBLAS", "Failures", "Models"]),
        library(
            "Circuits", ["Artifacts", "CKernels", "Engine", "Failures", "Models", "Tokenization"]),
        library(
            "Interchange",
            [
                "Artifacts", "Circuits", "Failures", "Tokenization",
                .product(name: "SwiftCSV", package: "SwiftCSV"),
            ]),
        library(
            "ToolSupport",
            [
                "Artifacts", "Circuits", "Engine", "Failures", "Interchange", "Models",
                "Tokenization", argumentParser,
            ]),
        .target(
            name: "TestSupport", dependencies: ["Artifacts", "Failures", "Tokenization"],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        tests("HDF5", ["CHDF5"]),
        tests("Artifacts", ["HDF5"]),
        tests("Tokenization", ["Models"]),
        tests("Models"),
        tests("Engine", ["CKernels", "Models", "Tokenization"]),
        tests("Circuits", ["Artifacts", "Engine", "Models", "Tokenization"]),
        tests("Interchange", ["Artifacts", "Circuits", "Models", "Tokenization"]),
        tests("ToolSupport", ["Artifacts", "Interchange", "Models", "Tokenization"]),
        .testTarget(
            name: "ToolTests",
            dependencies: ["Artifacts", "Failures", "HDF5", "Models", "TestSupport"],
            swiftSettings: swiftSettings),
    ] + toolNames.map(tool),
    swiftLanguageModes: [.v6]
)
