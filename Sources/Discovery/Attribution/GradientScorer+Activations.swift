import CKernels
import Engine
import Experiments
import Graphs

/// Integrated gradients over activations.
///
/// A run gives one component (the input, a layer's heads, an MLP) an output between its ablated and
/// its clean one, so that no gradient goes back through it. Every run counts for every edge. Most of
/// all that is the clean run, and going back is linear, so:
/// - Only what follows the component is run again. What comes back to its layer is added up over
///   the runs of all components, and goes back through the clean layers before it once.
/// - The last step of every component, at its clean output, is the clean run: one serves them all,
///   but for the layer in which a component lets nothing back.
/// - Gradients are added up at each receiver before they are multiplied with differences.
extension GradientScorer {
    /// Adds the runs of all components, at `steps` steps each.
    mutating func addActivationRuns(steps: Int) {
        let graph = scorer.graph
        let layers = graph.nLayers
        let size = rows.rowCount * graph.dModel
        // Gradients of the stream after the layer at hand, `[row, d_model]`: the sum over the runs
        // of components behind it, that of the clean run, and of one with a component given.
        let (later, clean, blocked) = (
            pass.workspace.take(size), pass.workspace.take(size), pass.workspace.take(size)
        )
        later.update(repeating: 0, count: size)
        let received = ReceivedGradients(
            graph, rows, weight: 1 / Float(steps * (2 * layers + 1)), neuronAdder(),
            in: pass.workspace)

        // Both passes are clean now: that of the copies is so before the component at hand.
        pass.forward(replacing: .input, with: mixer(scorer.clean.input, scorer.clean.input, []))
        let cleanPass = cleanPass()
        cleanPass.startBackward(lossGradient(copies: 1), to: clean)
        let single = CopySum(rows: rows, copies: 1, dModel: graph.dModel)
        received.add(.logits, clean, single, times: 2 * layers + 1)
        for layer in (0..<layers).reversed() {
            let components = [DifferentiablePass.Component.mlp(layer: layer), .heads(layer: layer)]
            received.goBack(through: layer, cleanPass, later, single)
            for component in components {
                blocked.update(from: clean, count: size)
                received.goBack(through: layer, cleanPass, blocked, single, without: component)
                ckernels_add(later, blocked, size)
            }
            // For all components before.
            received.goBack(through: layer, cleanPass, clean, single, times: 2 * layer + 1)
            for component in components {
                run(component, from: layer, steps: steps, received, addingTo: later)
            }
        }
        ckernels_add(later, clean, size)
        run(.input, from: 0, steps: steps, received, addingTo: later)
        received.send(.input, later, single)
        received.addProducts(with: differences, layout, to: scores)
    }

    /// The same run by run, each with its own products: where a norm follows attention, what a head's
    /// change does behind it is another in every run, so that nothing above holds. The neurons of an
    /// MLP that is given are scored by the slope of the norm after it in the clean run.
    mutating func addActivationRunsOneByOne(steps: Int) {
        let layers = scorer.graph.nLayers
        // From the last one, so that what comes before a component is clean.
        let components =
            (0..<layers).reversed().flatMap {
                [DifferentiablePass.Component.mlp(layer: $0), .heads(layer: $0)]
            } + [.input]
        pass.forward(replacing: .input, with: mixer(scorer.clean.input, scorer.clean.input, []))
        for component in components {
            let (ablated, clean) = (scorer.ablated[component], scorer.clean[component])
            for step in 1...steps {
                pass.forward(
                    replacing: component,
                    with: mixer(ablated, clean, [Float(step) / Float(steps)]))
                addProducts(
                    copies: 1, weight: 1 / Float(steps * components.count), without: component)
            }
        }
    }

    /// A clean run of this piece's pairs, without copies.
    private func cleanPass() -> DifferentiablePass {
        let dModel = scorer.graph.dModel
        let pass = DifferentiablePass(
            scorer.transformer, lengths: (0..<rows.promptCount).map(rows.length),
            separatesKeyValueHeads: scorer.graph.ungroupedKeyValue, workspace: Workspace())
        pass.embedding.update(
            from: scorer.clean.input.values
                + scorer.clean.layout.starts[pairs.lowerBound] * dModel,
            count: rows.rowCount * dModel)
        pass.forward()
        return pass
    }

    /// Runs with a component's output on its way, and back to the stream before its layer: adds the
    /// gradient there to `total`, `[row, d_model]`.
    private mutating func run(
        _ component: DifferentiablePass.Component, from layer: Int, steps: Int,
        _ received: ReceivedGradients, addingTo total: UnsafeMutablePointer<Float>
    ) {
        let (ablated, clean) = (scorer.ablated[component], scorer.clean[component])
        let shares = (1..<steps).map { Float($0) / Float(steps) }
        let mark = pass.workspace.mark
        let gradient = pass.workspace.take(pass.layout.rowCount * scorer.graph.dModel)
        for first in stride(from: 0, to: shares.count, by: copies) {
            let some = shares[first..<min(first + copies, shares.count)]
            let runs = sum.ofFirst(some.count)
            pass.forward(replacing: component, with: mixer(ablated, clean, some))
            pass.startBackward(lossGradient(), to: gradient)
            received.add(.logits, gradient, runs)
            for layer in (layer..<scorer.graph.nLayers).reversed() {
                received.goBack(through: layer, pass, gradient, runs, without: component)
            }
            runs.add(gradient, to: total)
        }
        pass.workspace.reset(to: mark)
    }
}
