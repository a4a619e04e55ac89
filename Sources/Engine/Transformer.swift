package import Basics
package import Models

/// A model ready to run on the processor.
///
/// The computation follows the model's own code in `transformers`, with TransformerLens's names
/// for what can be read or replaced on the way.
package struct Transformer: Sendable {
    /// The model.
    package let model: Model
    /// Its layers, first to last.
    package let layers: [TransformerLayer]
    /// Before the unembedding.
    package let finalNorm: Normalizer
    /// What the layers' rotations are views of.
    private let rotationTables: [RotaryEmbedding: RotationTables]
    /// Whether the sum of a layer's heads is normalised before it joins the stream, as in Gemma 2.
    /// Then a receiver gets, of each layer, the normalised sum of what comes to it from that layer's
    /// heads, as in EAP-IG and MIB.
    package let normalizesAttention: Bool
    /// The threads that the work is spread over.
    package let pool: WorkerPool

    /// Prepares a model.
    /// - Throws: `Failure` when OpenBLAS isn't installed.
    package init(_ model: Model, pool: WorkerPool = WorkerPool()) throws(Failure) {
        try BLAS.load()
        self.model = model
        self.pool = pool
        let configuration = model.configuration
        var tables: [RotaryEmbedding: RotationTables] = [:]
        layers = (0..<configuration.nLayers).map { layer in
            let rotary = configuration.rotary(ofLayer: layer)
            if let rotary, tables[rotary] == nil {
                tables[rotary] = RotationTables(
                    rotary,
                    positionCount: min(configuration.nContext, Self.mostRotatedPositions),
                    pool: pool)
            }
            return TransformerLayer(
                layer, of: model, rotary.flatMap { tables[$0]?.rotation })
        }
        rotationTables = tables
        normalizesAttention = layers.contains { $0.postAttentionNorm != nil }
        finalNorm = Normalizer(
            configuration.normalization, model.finalNorm, width: configuration.dModel)
    }

    /// How many positions the tables of a rotation are made for at most.
    private static let mostRotatedPositions = 8192

    /// The model's shape.
    package var configuration: ModelConfiguration { model.configuration }

    /// Refuses prompts that the model can't read.
    /// - Parameter name: what a prompt is called in the message, by its index.
    /// - Throws: `Failure` for an empty prompt, one longer than the context, or a token that
    ///   isn't in the vocabulary.
    package func validate(
        _ prompts: [[Int32]], name: (Int) -> String = { "prompt \($0)" }
    ) throws(Failure) {
        for (index, prompt) in prompts.enumerated() {
            if prompt.isEmpty { throw Failure(.badData, "\(name(index)) has no tokens") }
            try validate(length: prompt.count, name: name(index))
            if let stranger = prompt.first(where: { $0 < 0 || $0 >= configuration.dVocab }) {
                throw Failure(
                    .badData,
                    "\(name(index)) has the token \(stranger), but \(model.name) knows only "
                        + "0 to \(configuration.dVocab - 1)")
            }
        }
    }

    /// Refuses a prompt of more tokens than the model can read.
    /// - Parameter name: what the prompt is called in the message.
    /// - Throws: `Failure` (bad data).
    package func validate(length: Int, name: String) throws(Failure) {
        let limit = min(
            configuration.nContext, rotationTables.isEmpty ? Int.max : Self.mostRotatedPositions)
        let shortest = rotationTables.keys.compactMap(\.longestPrompt).min() ?? Int.max
        if length > limit {
            throw Failure(
                .badData,
                "\(name) has \(length) tokens, more than the \(limit) that \(model.name) can read")
        }
        if length > shortest {
            throw Failure(
                .badData,
                "\(name) has \(length) tokens: beyond \(shortest), \(model.name) rotates by other "
                    + "frequencies (LongRoPE), which isn't supported")
        }
    }

    /// Which rows of logits a forward pass computes.
    package enum LogitRows: Sendable {
        /// None: for the activations alone.
        case none
        /// The last position of every prompt: `[prompt, d_vocab]`.
        case last
        /// Every position: `[row, d_vocab]`, packed as `RowLayout` says.
        case all
        /// These packed rows, in this order.
        case rows([Int])
    }

    /// Runs the model on prompts of any lengths.
    /// - Parameters:
    ///   - prompts: token ids, `[prompt][position]`.
    ///   - hooks: what to read or replace on the way.
    ///   - logits: the rows to compute logits for.
    /// - Returns: the logits, `[chosen row, d_vocab]`.
    /// - Throws: `Failure` when the model can't read the prompts.
    package func logits(
        of prompts: [[Int32]], rows wanted: LogitRows = .last, hooks: ForwardHooks = .none
    ) throws(Failure) -> FloatBuffer {
        try validate(prompts)
        let layout = RowLayout(lengths: prompts.map(\.count))
        let rows: [Int] =
            switch wanted {
            case .none: []
            case .last: (0..<layout.promptCount).map { layout.rows($0).upperBound - 1 }
            case .all: Array(0..<layout.rowCount)
            case .rows(let rows): rows
            }
        let chosen = finalStream(layout, of: prompts, rows: rows, hooks: hooks)
        return unembed(normalized: chosen, rows: rows.count)
    }

    /// Runs the model and keeps the activations at some hook points.
    /// - Parameter releasingWeights: whether the memory of weights in mapped files is given back after each
    ///   layer whose `hook_resid_post` is kept: they aren't used again soon.
    /// - Returns: the activations, and the logits of the rows `wanted`.
    /// - Throws: `Failure` when the model can't read the prompts.
    package func record(
        _ points: Set<HookPoint>, of prompts: [[Int32]], logits wanted: LogitRows = .none,
        releasingWeights: Bool = false
    ) throws(Failure) -> (activations: RecordedActivations, logits: FloatBuffer) {
        let layout = RowLayout(lengths: prompts.map(\.count))
        let buffers = Dictionary(
            uniqueKeysWithValues: points.map { point in
                let width = point.width(in: configuration, longest: layout.longest)
                return (point, FloatBuffer(count: layout.rowCount * width))
            })
        let hooks = ForwardHooks(at: points) { point, block in
            guard let buffer = buffers[point] else { return }
            (buffer.values + block.rows.lowerBound * block.width).update(
                from: block.values, count: block.rows.count * block.width)
            if releasingWeights, case .block(_, .residualPost) = point { model.releasePages() }
        }
        let logits = try logits(of: prompts, rows: wanted, hooks: hooks)
        return (RecordedActivations(layout: layout, values: buffers), logits)
    }

    /// Logits from rows of the normalised final stream `[rows, d_model]`: `[rows, d_vocab]`.
    ///
    /// Rows are cut into blocks, from the first row on, and the vocabulary into slices.
    /// - Parameter isCapped: whether logits are capped, where the model does that.
    package func unembed(
        normalized: FloatBuffer, rows: Int, isCapped: Bool = true
    ) -> FloatBuffer {
        let dVocab = configuration.dVocabOut
        let logits = FloatBuffer(count: rows * dVocab)
        if rows == 0 { return logits }
        let (slice, block, dModel) = (4096, 128, configuration.dModel)
        let blocks = (rows + block - 1) / block
        pool.run((dVocab + slice - 1) / slice * blocks) { _, piece in
            let first = piece % blocks * block
            let start = piece / blocks * slice
            model.unembedding.outputs(start..<min(dVocab, start + slice)).apply(
                normalized.values + first * dModel, stride: dModel,
                to: logits.values + first * dVocab + start, stride: dVocab,
                rows: min(block, rows - first))
        }
        if isCapped { softCap(logits.values, count: rows * dVocab) }
        return logits
    }
}
