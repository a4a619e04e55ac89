import Basics
import Engine
import Models

/// One layer's transcoder on a prompt: what it reads and its features' activations.
struct TranscoderPass {
    let set: TranscoderSet
    let index: Int
    /// The stream before the MLP, `[position, d_model]`.
    let stream: FloatBuffer
    /// Number of positions.
    let length: Int
    /// The norm before the MLP.
    let norm: Normalizer
    let pool: WorkerPool

    private var transcoder: Transcoder { self.set.layers[index] }

    /// What the encoder reads, `[position, d_model]`, where the stream before the MLP is x.
    static func reads(
        _ x: UnsafePointer<Float>, of set: TranscoderSet, _ norm: Normalizer, rows: Int,
        to y: UnsafeMutablePointer<Float>
    ) {
        switch set.inputHook {
        case .residualMid: y.update(from: x, count: rows * norm.width)
        case .mlpIn: norm.apply(x, to: y, rows: rows)
        case .normalized:
            Normalizer(norm.kind, NormWeights(), width: norm.width).apply(x, to: y, rows: rows)
        }
    }

    /// The gradient at the stream of one at the encoder's input, added to g, `[rows, d_model]`.
    static func addReadsBackward(
        _ dy: UnsafePointer<Float>, of set: TranscoderSet, _ norm: FrozenNorm, position: Int,
        rows: Int, to g: UnsafeMutablePointer<Float>
    ) {
        switch set.inputHook {
        case .residualMid: g.add(dy, count: rows * norm.norm.width)
        case .normalized:
            norm.addBackward(dy, position: position, rows: rows, usingGain: false, to: g)
        case .mlpIn: norm.addBackward(dy, position: position, rows: rows, to: g)
        }
    }

    /// The active features at each position, by index.
    /// - Throws: `Failure` where the encoder has values that aren't numbers.
    func activeFeatures(
        scratch: ScratchPool
    ) throws(Failure) -> [[(feature: Int32, activation: Float)]] {
        let (count, dModel) = (length, norm.width)
        let x = FloatBuffer(count: count * dModel)
        Self.reads(
            stream.values, of: set, norm, rows: count, to: x.values)
        let blocks = EncoderBlocks(transcoder)
        guard let k = set.activation.k else { return try thresholded(x, blocks, scratch) }
        return try largest(k, x, blocks, scratch)
    }

    private func thresholded(
        _ x: FloatBuffer, _ blocks: EncoderBlocks, _ scratch: ScratchPool
    ) throws(Failure) -> [[(feature: Int32, activation: Float)]] {
        let count = length
        let found = Results<[[(feature: Int32, activation: Float)]]>(blocks.count)
        let bad = Results<Failure>(blocks.count)
        pool.run(blocks.count) { worker, block in
            scratch.withWorkspace(of: worker) { workspace in
                let features = blocks.features(block)
                let z = workspace.take(count * features.count)
                bad[block] = blocks.apply(
                    block, x.values, rows: count, to: z, stride: features.count,
                    workspace: workspace)
                found[block] = (0..<count).map { position in
                    if position < set.quietPositionCount { return [] }
                    var active: [(feature: Int32, activation: Float)] = []
                    for (column, feature) in features.enumerated() {
                        let value = z[position * features.count + column]
                        let threshold = transcoder.thresholds?[feature] ?? 0
                        if set.activation == .relu ? value > 0 : value > threshold && value != 0 {
                            active.append((Int32(feature), value))
                        }
                    }
                    return active
                }
            }
        }
        for block in 0..<blocks.count { if let failure = bad[block] { throw failure } }
        return (0..<count).map { position in
            (0..<blocks.count).flatMap { found[$0]?[position] ?? [] }
        }
    }

    private func largest(
        _ k: Int, _ x: FloatBuffer, _ blocks: EncoderBlocks, _ scratch: ScratchPool
    ) throws(Failure) -> [[(feature: Int32, activation: Float)]] {
        let (count, width) = (length, set.featureCount)
        let z = FloatBuffer(count: count * width)
        let bad = Results<Failure>(blocks.count)
        pool.run(blocks.count) { worker, block in
            scratch.withWorkspace(of: worker) { workspace in
                bad[block] = blocks.apply(
                    block, x.values, rows: count,
                    to: z.values + blocks.features(block).lowerBound, stride: width,
                    workspace: workspace)
            }
        }
        for block in 0..<blocks.count { if let failure = bad[block] { throw failure } }
        return (0..<count).map { position in
            position < self.set.quietPositionCount
                ? [] : Self.largest(k, z.values + position * width, of: self.set)
        }
    }

    /// The k largest pre-activations of a row that the set's activation function keeps, without a kept 0;
    /// by index.
    static func largest(
        _ k: Int, _ z: UnsafePointer<Float>, of set: TranscoderSet
    ) -> [(feature: Int32, activation: Float)] {
        let isPositive = set.activation == .positiveTopK(k)
        return (0..<set.featureCount).sorted { (z[$0], $1) > (z[$1], $0) }.prefix(k).sorted()
            .filter { isPositive ? z[$0] > 0 : z[$0] != 0 }.map { (Int32($0), z[$0]) }
    }
}

/// Slots that pieces of parallel work write, each its own.
final class Results<Value>: @unchecked Sendable {
    private let slots: UnsafeMutableBufferPointer<Value?>

    /// Room for the results of `count` pieces.
    init(_ count: Int) {
        slots = .allocate(capacity: count)
        slots.initialize(repeating: nil)
    }

    deinit {
        slots.deinitialize()
        slots.deallocate()
    }

    subscript(index: Int) -> Value? {
        get { slots[index] }
        set { slots[index] = newValue }
    }
}
