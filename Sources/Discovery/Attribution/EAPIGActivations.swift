package import Basics
import Engine
package import Experiments
import Graphs

/// EAP with integrated gradients over activations (Marks et al. 2024, arXiv:2403.19647; for edges the
/// EAP-IG library, compared in MIB, arXiv:2504.13151): `EAP` with the mean gradient of runs (c, k) in
/// each of which one component c (the input, a layer's heads, an MLP) is given an output between its
/// ablated and its clean one,
///
///     z_c = ablated_c + k/K (clean_c - ablated_c), k = 1 ... K,
///
/// so that no gradient goes back through c. Every run counts for every edge.
///
/// Most of each run is the clean run, and going back through a layer is linear in the gradient, so
/// what is the same is computed once:
/// - Only what follows the component is run again. The gradients that arrive before its layer are
///   summed over the runs of all components, and go back through the clean layers before it once.
/// - The last step of every component, at its clean output, is the clean run: one serves them all,
///   but for the layer in which a component lets no gradient through.
/// - Gradients are summed at each receiver before they are multiplied with differences.
///
/// docs/methods/eap-ig-activations.md has the derivation.
package struct EAPIGActivations: ScoringMethod {
    package static let name = "eap-ig-activations"
    package static let meaning = ScoreMeaning.effect
    package static let isAdditive = true
    package static let needsGradient = true
    package static var parameters: [MethodParameter<Self>] { [MethodParameter(.steps, \.steps)] }

    /// K, the number of runs of each component.
    package var steps = IntegrationSteps.usual

    package init() {}

    /// With another number of steps.
    package init(steps: Int) { self.steps = steps }

    package func checkParameters() throws(Failure) { try IntegrationSteps.check(steps) }

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) throws -> AttributionScores {
        // The last step of each component is the clean run.
        let scoring = try GradientScoring(experiment, resolution, runs: max(1, steps - 1))
        return scoring.scores(progress) { piece in
            if experiment.transformer.normalizesAttention {
                piece.addActivationRunsOneByOne(steps: steps)
            } else {
                piece.addActivationRuns(steps: steps)
            }
        }
    }
}

extension PieceGradients {
    /// Adds the runs of all components.
    fileprivate func addActivationRuns(steps: Int) {
        let graph = experiment.graph
        let layers = graph.nLayers
        let componentCount = 2 * layers + 1
        let size = rows.rowCount * graph.dModel
        // Gradients of the stream after the current layer, `[row, d_model]`: the sum over the runs
        // of components behind it, that of the clean run, and of one with a component given.
        let (later, clean, blocked) = (
            pass.workspace.take(size), pass.workspace.take(size), pass.workspace.take(size)
        )
        later.update(repeating: 0, count: size)
        let received = ReceivedGradients(
            graph, rows, weight: 1 / Float(steps * componentCount), neuronAdder(),
            in: pass.workspace)

        // Both passes are clean now: that of the runs side by side stays so before the
        // current component.
        pass.forward(
            replacing: .input, with: mixer(experiment.clean.input, experiment.clean.input, []))
        let cleanPass = cleanPass()
        cleanPass.startBackward(lossGradient(runs: 1), to: clean)
        let single = RunSums(rows: rows, runs: 1, dModel: graph.dModel)
        received.add(.logits, clean, single, times: componentCount)
        for layer in (0..<layers).reversed() {
            let components = [DifferentiablePass.Component.mlp(layer: layer), .heads(layer: layer)]
            received.goBack(through: layer, cleanPass, later, single)
            for component in components {
                blocked.update(from: clean, count: size)
                received.goBack(through: layer, cleanPass, blocked, single, without: component)
                later.add(blocked, count: size)
            }
            let componentsBefore = 2 * layer + 1
            received.goBack(through: layer, cleanPass, clean, single, times: componentsBefore)
            for component in components {
                run(component, from: layer, steps: steps, received, addingTo: later)
            }
        }
        later.add(clean, count: size)
        run(.input, from: 0, steps: steps, received, addingTo: later)
        received.send(.input, later, single)
        received.addProducts(with: differences, layout, to: scores)
    }

    /// Adds the same run by run, each with its own products: where a norm follows attention, a head's
    /// difference behind it is another in every run, so that the sums can't be shared. The neurons of an
    /// MLP that is given are scored by the slope of the norm after it in the clean run.
    fileprivate func addActivationRunsOneByOne(steps: Int) {
        let layers = experiment.graph.nLayers
        // From the last one, so that what comes before a component is clean.
        let components =
            (0..<layers).reversed().flatMap {
                [DifferentiablePass.Component.mlp(layer: $0), .heads(layer: $0)]
            } + [.input]
        pass.forward(
            replacing: .input, with: mixer(experiment.clean.input, experiment.clean.input, []))
        for component in components {
            let (ablated, clean) = (experiment.ablated[component], experiment.clean[component])
            for step in 1...steps {
                pass.forward(
                    replacing: component,
                    with: mixer(ablated, clean, [Float(step) / Float(steps)]))
                addProducts(
                    runs: 1, weight: 1 / Float(steps * components.count), without: component)
            }
        }
    }

    /// A clean run of this piece's pairs, each pair once.
    private func cleanPass() -> DifferentiablePass {
        let dModel = experiment.graph.dModel
        let pass = DifferentiablePass(
            experiment.transformer, lengths: (0..<rows.promptCount).map(rows.length),
            separatesKeyValueHeads: experiment.graph.ungroupedKeyValue, workspace: Workspace())
        pass.embedding.update(
            from: experiment.clean.input.values
                + experiment.clean.layout.starts[pairs.lowerBound] * dModel,
            count: rows.rowCount * dModel)
        pass.forward()
        return pass
    }

    /// Runs a component's steps but the last, and goes back to the stream before its layer: adds the
    /// gradient there to `total`, `[row, d_model]`.
    private func run(
        _ component: DifferentiablePass.Component, from layer: Int, steps: Int,
        _ received: ReceivedGradients, addingTo total: UnsafeMutablePointer<Float>
    ) {
        let (ablated, clean) = (experiment.ablated[component], experiment.clean[component])
        let shares = (1..<steps).map { Float($0) / Float(steps) }
        let mark = pass.workspace.mark
        let gradient = pass.workspace.take(pass.layout.rowCount * experiment.graph.dModel)
        for first in stride(from: 0, to: shares.count, by: sums.runs) {
            let some = shares[first..<min(first + sums.runs, shares.count)]
            let sums = sums.ofFirst(some.count)
            pass.forward(replacing: component, with: mixer(ablated, clean, some))
            pass.startBackward(lossGradient(), to: gradient)
            received.add(.logits, gradient, sums)
            for layer in (layer..<experiment.graph.nLayers).reversed() {
                received.goBack(through: layer, pass, gradient, sums, without: component)
            }
            sums.add(gradient, to: total)
        }
        pass.workspace.reset(to: mark)
    }
}
