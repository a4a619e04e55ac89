import Artifacts
import Basics
import Graphs
import ToolSupport

/// A circuit given by a file, for a graph.
struct ChosenCircuit {
    /// Which edges are in it, `[edge]`.
    let inCircuit: [Bool]
    /// What is recorded as this tool's input.
    let input: ProvenanceStep.Input

    init(
        _ name: String, of graph: ComputationalGraph, verbosity: VerbosityOptions
    ) throws {
        let artifact = try ArtifactFile(name).circuit()
        if let note = artifact.noteOfMainRun { verbosity.note(note) }
        guard artifact.content.graph == graph.table else {
            throw Failure(
                .badData,
                "\(artifact.source): its graph isn't the model's; give a circuit of the same model, "
                    + "found with --ungroup-kv if that is given here")
        }
        guard artifact.content.neurons == nil else {
            throw Failure(
                .badData,
                "\(artifact.source): it is a circuit of single neurons, and one of whole edges is "
                    + "needed")
        }
        inCircuit = artifact.content.inCircuit
        input = artifact.input("circuit")
    }
}
