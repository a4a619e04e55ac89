package import ArgumentParser

/// `--seed`: where everything random starts.
package struct SeedOptions: ParsableArguments {
    /// The seed; the same seed gives the same output.
    @Option(help: "Seed of everything random.")
    package var seed: UInt64 = 0

    /// Options as the parser fills them.
    package init() {}
}

/// `--json`: output for machines instead of people.
package struct JSONOptions: ParsableArguments {
    /// Whether to print JSON.
    @Flag(help: "Print JSON for machines instead of text for people.")
    package var json = false

    /// Options as the parser fills them.
    package init() {}
}
