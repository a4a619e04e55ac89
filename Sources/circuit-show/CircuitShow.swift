import ArgumentParser
import ToolSupport

/// Shows an artifact as a person wants to read it.
@main
struct CircuitShow: CircuitTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-show",
        abstract: "Show any artifact: summary, provenance, table; a circuit as a picture.",
        examples: [
            "circuit-show circuit.h5",
            "circuit-pairs ioi --model smollm2 -n 32 | circuit-cache - "
                + "| circuit-prune --threshold 0.02 - | circuit-show -",
        ])

    @OptionGroup var input: InputArgument
    @OptionGroup var json: JSONOptions
    @OptionGroup var verbosity: VerbosityOptions

    func run() throws {
        try StandardOutput.print(try input.path)
    }
}
