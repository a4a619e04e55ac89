import ArgumentParser
import Engine

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
