package import ArgumentParser
package import Engine
package import Models
import ToolSupport

/// `--threads` and `--weights`: what a model is computed with.
package struct ThreadOptions: ParsableArguments {
    /// How the model's weights are held in memory.
    @OptionGroup package var precision: PrecisionOptions

    @Option(
        help: ArgumentHelp(
            "Threads to compute with; no result depends on it.",
            discussion: """
                By default one for each processor that this process may use: by its affinity mask, the \
                quota of its control groups (cpu.max, cpu.cfs_quota_us) and SLURM_CPUS_PER_TASK.
                """))
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
    package var count: Int { threads ?? UsableProcessors.ofThisProcess.count }

    /// Reads a model's weights and makes it ready to run on these threads, which count the operations
    /// of their matrix products. What its weights make questionable is said on stderr.
    /// - Parameter releasingPages: as of ``Models/ModelSource/load(_:releasingPages:)``.
    /// - Throws: `Failure` where its files can't be read, or OpenBLAS isn't installed.
    package func transformer(
        of source: ModelSource, releasingPages: Bool = false
    ) throws -> Transformer {
        let model = try source.load(precision.weights, releasingPages: releasingPages)
        for warning in model.warnings { Console.warning(warning) }
        return try Transformer(model, pool: WorkerPool(threads: count, meter: WorkMeter()))
    }
}
