package import Artifacts
package import Basics
package import Engine
import Models

/// Runs a model on the pairs of a dataset and hands out their activations batch by batch.
///
/// Memory holds the activations of one batch of one run. What is recorded doesn't depend on the size
/// of a batch: batches are cut where the forward pass cuts its own work.
package struct ActivationRecorder: Sendable {
    /// A batch of one run.
    package struct Batch {
        /// The run.
        package let run: ActivationRun
        /// Its pairs.
        package let pairs: Range<Int>
        /// `[pair, position, ...]` for each hook point, of attention maps `[pair, head, position,
        /// key_position]`; 0 at padding.
        package let activations: [HookPoint: FloatBuffer]
    }

    /// The hook points that are recorded.
    package let points: [HookPoint]
    /// The token position of each position kept, -1 at padding: `[pair, position]`.
    package let positions: DenseArray<Int32>
    /// The batches: pairs that are run together.
    package let batches: [Range<Int>]

    private let transformer: Transformer
    private let dataset: DatasetArtifact
    private let longest: Int

    /// Prepares to record.
    /// - Parameter batchSize: pairs of a batch at most, as far as a batch must not be smaller than
    ///   what the forward pass takes at once (up to 128 tokens); nil takes as many as fit in 64 MiB.
    /// - Throws: `Failure` when the model can't read a prompt.
    package init(
        _ points: [HookPoint], at positions: DenseArray<Int32>, of dataset: DatasetArtifact,
        with transformer: Transformer, batchSize: Int? = nil
    ) throws(Failure) {
        self.points = points
        self.positions = positions
        self.transformer = transformer
        self.dataset = dataset
        try transformer.validate(dataset.clean.ids) { "the clean prompt of pair \($0)" }
        try transformer.validate(dataset.corrupted.ids) { "the corrupted prompt of pair \($0)" }
        let layout = RowLayout(lengths: dataset.lengths)
        longest = layout.longest
        let configuration = transformer.configuration
        let valuesPerPair = points.reduce(0) {
            $0 + positions.shape[1] * $1.width(in: configuration, longest: layout.longest)
        }
        let fitting = (64 << 20) / max(1, valuesPerPair * MemoryLayout<Float>.stride)
        let most = max(1, batchSize ?? min(256, fitting))
        var batches: [Range<Int>] = []
        for piece in layout.passPieces {
            if let last = batches.last, piece.upperBound - last.lowerBound <= most {
                batches[batches.count - 1] = last.lowerBound..<piece.upperBound
            } else {
                batches.append(piece)
            }
        }
        self.batches = batches
    }

    /// The shape of each activation without its pairs, `[position, ...]`, of attention maps `[head,
    /// position, key_position]`, by hook name.
    package var shapes: [String: [Int]] {
        let configuration = transformer.configuration
        return Dictionary(
            uniqueKeysWithValues: points.map { point in
                var axes = point.axes(in: configuration, longest: longest).map(\.count)
                axes.insert(positions.shape[1], at: point.isAttentionMap ? 1 : 0)
                return (point.name, axes)
            })
    }

    /// The number of values of both runs together.
    package var valueCount: Int {
        2 * dataset.pairCount * shapes.values.reduce(0) { $0 + $1.reduce(1, *) }
    }

    /// Runs the model on every batch, clean and corrupted, and calls `body` with what it recorded.
    /// - Parameter isKnown: whether a batch of a run is left out.
    /// - Throws: `Failure` when the model can't read the prompts, and what `body` throws.
    package func run(
        except isKnown: (ActivationRun, Range<Int>) -> Bool = { _, _ in false },
        _ body: (Batch) throws -> Void
    ) throws {
        for pairs in batches {
            for run in ActivationRun.allCases where !isKnown(run, pairs) {
                try body(Batch(run: run, pairs: pairs, activations: record(run, pairs)))
            }
        }
    }

    private func record(
        _ run: ActivationRun, _ pairs: Range<Int>
    ) throws(Failure) -> [HookPoint: FloatBuffer] {
        let configuration = transformer.configuration
        let (columns, longest) = (positions.shape[1], longest)
        let buffers = Dictionary(
            uniqueKeysWithValues: points.map { point in
                let width = point.width(in: configuration, longest: longest)
                return (point, FloatBuffer(zeros: pairs.count * columns * width))
            })
        let prompts = (run == .clean ? dataset.clean : dataset.corrupted).ids[pairs]
        let layout = RowLayout(lengths: prompts.map(\.count))
        let kept = Buffer(positions.values[pairs.lowerBound * columns..<pairs.upperBound * columns])
        let hooks = ForwardHooks(at: Set(points)) { point, block in
            guard let buffer = buffers[point] else { return }
            let width = buffer.count / (pairs.count * columns)
            let heads = configuration.nHeads
            // The pass's key axis is as long as its own longest prompt.
            let keys = block.width / heads
            for prompt in block.prompts {
                let first = layout.starts[prompt] - block.rows.lowerBound
                for column in 0..<columns where kept.values[prompt * columns + column] >= 0 {
                    let row = first + Int(kept.values[prompt * columns + column])
                    let source = block.values + row * block.width
                    guard point.isAttentionMap else {
                        (buffer.values + (prompt * columns + column) * width).update(
                            from: source, count: width)
                        continue
                    }
                    for head in 0..<heads {
                        let target =
                            buffer.values + ((prompt * heads + head) * columns + column) * longest
                        target.update(from: source + head * keys, count: keys)
                        if point.isMasked {
                            (target + keys).update(repeating: -.infinity, count: longest - keys)
                        }
                    }
                }
            }
        }
        _ = try transformer.logits(of: Array(prompts), rows: .none, hooks: hooks)
        return buffers
    }
}

extension HookPoint {
    /// Whether it holds -infinity where a query doesn't see a key.
    fileprivate var isMasked: Bool {
        if case .block(_, .scores) = self { true } else { false }
    }
}
