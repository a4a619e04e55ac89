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
        name: name, dependencies: dependencies + ["ToolSupport", argumentParser],
        swiftSettings: swiftSettings)
}

/// The libraries of the executables that run a model.
let modelLibraries: [Target.Dependency] = [
    "Artifacts", "Circuits", "Engine", "Failures", "ModelToolSupport", "Models",
]

/// The tests of the library `module`.
func tests(_ module: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: module + "Tests",
        dependencies: [.target(name: module), "Failures", "TestSupport"] + dependencies,
        swiftSettings: swiftSettings)
}

/// The executables: those that only read artifacts don't depend on the engine.
let tools = [
    tool("circuit-run", modelLibraries + ["Presentation", "Tokenization"]),
    tool("circuit-pairs", modelLibraries + ["Interchange"]),
    tool("circuit-cache", modelLibraries),
    tool("circuit-patch", modelLibraries),
    tool("circuit-score", modelLibraries),
    tool("circuit-prune", modelLibraries + ["Interchange"]),
    tool("circuit-eval", modelLibraries + ["Presentation"]),
    tool("circuit-diff", ["Artifacts", "Circuits", "Presentation"]),
    tool("circuit-show", ["Artifacts", "Presentation"]),
    tool("circuit-check", ["Artifacts", "Presentation"]),
    tool("circuit-bench", modelLibraries),
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
        library("Failures"),
        library("HDF5", ["CHDF5", "Failures"]),
        library(
            "Artifacts", ["Failures", "HDF5", crypto], exclude: ["Kinds/README.md"],
            // The current schema of each kind, as links into schemas/.
            resources: [.embedInCode("Schemas")]),
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
        library("Presentation", ["Artifacts", "Circuits", "Failures"]),
        library("ToolSupport", ["Artifacts", "Failures", argumentParser]),
        library(
            "ModelToolSupport",
            [
                "Artifacts", "Circuits", "Engine", "Failures", "Models", "ToolSupport",
                argumentParser,
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
        tests("Interchange", ["Artifacts", "Circuits", "Tokenization"]),
        tests("Presentation", ["Artifacts"]),
        tests("ToolSupport", ["Artifacts"]),
        .testTarget(
            name: "ToolTests",
            dependencies: ["Artifacts", "Failures", "HDF5", "Models", "TestSupport"],
            swiftSettings: swiftSettings),
    ] + tools,
    swiftLanguageModes: [.v6]
)
