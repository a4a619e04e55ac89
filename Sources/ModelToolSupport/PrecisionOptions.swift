import ArgumentParser
package import Models
import ToolSupport

/// `--weights`: how the matrices of a model are held in memory.
package struct PrecisionOptions: ParsableArguments {
    /// How they are held.
    @Option(
        help: ArgumentHelp(
            "How the model's matrices are held in memory: as-stored, float32, or bfloat16, which "
                + "rounds those of quantised and float32 files and takes half the memory.",
            valueName: "format"))
    package var weights = WeightPrecision.asStored

    /// Options as the parser fills them.
    package init() {}
}

extension WeightPrecision: ChoiceArgument {}
