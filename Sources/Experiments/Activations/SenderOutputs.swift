package import Basics
package import Engine
import Models

/// What every sender adds to the residual stream for a batch of prompts, in the smallest form:
/// heads before their output projection, the rest as it is.
package struct SenderOutputs: Sendable {
    /// How prompts lie in the rows.
    package let layout: RowLayout
    /// `input`: the stream before the first layer, `[row, d_model]`.
    package let input: FloatBuffer
    /// Per layer, `hook_z` of all heads, `[row, head * d_head]`.
    package let z: [FloatBuffer]
    /// Per layer, the MLP's output, `[row, d_model]`.
    package let mlp: [FloatBuffer]

    /// Outputs known from somewhere else, such as an activation cache.
    package init(layout: RowLayout, input: FloatBuffer, z: [FloatBuffer], mlp: [FloatBuffer]) {
        self.layout = layout
        self.input = input
        self.z = z
        self.mlp = mlp
    }

    /// A component's output, `[row, width]`.
    package subscript(component: DifferentiablePass.Component) -> FloatBuffer {
        switch component {
        case .input: input
        case .heads(let layer): z[layer]
        case .mlp(let layer): mlp[layer]
        }
    }

    /// A component's output for some pairs, `[row, width]`.
    package func rows(
        of component: DifferentiablePass.Component, pairs: Range<Int>
    ) -> UnsafePointer<Float> {
        let values = self[component]
        let width = values.count / max(1, layout.rowCount)
        return UnsafePointer(values.values + layout.starts[pairs.lowerBound] * width)
    }

    /// The hook points that hold the senders of a model.
    static func hookPoints(nLayers: Int) -> Set<HookPoint> {
        var points: Set<HookPoint> = [.block(0, .residualPre)]
        for layer in 0..<nLayers {
            points.insert(.block(layer, .z))
            points.insert(.block(layer, .mlpOut))
        }
        return points
    }

    /// Runs the model on prompts and keeps the outputs of its senders, with the logits at the end of
    /// each prompt, `[prompt, d_vocab]`, if they are wanted.
    /// - Throws: `Failure` when the model can't read the prompts.
    package static func record(
        of prompts: [[Int32]], with transformer: Transformer,
        logits rows: Transformer.LogitRows = .last
    ) throws(Failure) -> (outputs: SenderOutputs, logits: FloatBuffer) {
        let nLayers = transformer.configuration.nLayers
        let (activations, logits) = try transformer.record(
            hookPoints(nLayers: nLayers), of: prompts, logits: rows)
        guard let outputs = SenderOutputs(activations, nLayers: nLayers) else {
            throw Failure(
                .internalError, "a forward pass left out activations it was asked for")
        }
        return (outputs, logits)
    }

    /// The senders among recorded activations; nil if some are missing.
    package init?(_ activations: RecordedActivations, nLayers: Int) {
        guard let input = activations[.block(0, .residualPre)] else { return nil }
        var z: [FloatBuffer] = []
        var mlp: [FloatBuffer] = []
        for layer in 0..<nLayers {
            guard let heads = activations[.block(layer, .z)],
                let out = activations[.block(layer, .mlpOut)]
            else { return nil }
            z.append(heads)
            mlp.append(out)
        }
        self.init(layout: activations.layout, input: input, z: z, mlp: mlp)
    }

    /// The same senders with each array put through `transform`.
    func map(_ transform: (FloatBuffer) -> FloatBuffer) -> SenderOutputs {
        SenderOutputs(
            layout: layout, input: transform(input), z: z.map(transform), mlp: mlp.map(transform))
    }
}
