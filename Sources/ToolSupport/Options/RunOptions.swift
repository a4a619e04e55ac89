package import ArgumentParser
import Engine

/// `--model`: the model a tool works on.
package struct ModelOptions: ParsableArguments {
    /// The model as the user named it; nil means the one the input artifact names.
    @Option(
        help: ArgumentHelp(
            "The model: a GGUF file, a Hugging Face folder, or a short name such as smollm2.",
            discussion: "Without it, the model that the input artifact names.",
            valueName: "path|name"),
        completion: .file())
    package var model: String?

    /// Options as the parser fills them.
    package init() {}
}

/// `--threads`: how many threads compute. Results don't depend on it.
package struct ThreadOptions: ParsableArguments {
    @Option(help: "Threads to compute with (default: one per processor); no result depends on it.")
    var threads: Int?

    /// Options as the parser fills them.
    package init() {}

    /// Refuses a count below one.
    package func validate() throws {
        if let threads, !(1...4096).contains(threads) {
            throw ValidationError("--threads must be from 1 to 4096, not \(threads)")
        }
    }

    /// The number of threads to use.
    package var count: Int { threads ?? WorkerPool.processorCount }
}

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
