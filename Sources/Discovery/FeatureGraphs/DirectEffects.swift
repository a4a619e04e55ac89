import Basics
package import Engine
import Models

/// The direct effects of all sources on targets: a backward pass through the residual stream and the
/// attention heads' values alone, since everything else is constant, for many targets side by side.
///
/// - Note: Ameisen et al. 2025, "Circuit Tracing"; the rules are those of circuit-tracer.
package struct DirectEffects: Sendable {
    /// What a row of direct effects leads to.
    package struct Target: Sendable {
        /// The layer whose MLP reads; the number of layers for a logit.
        package let layer: Int
        /// The position.
        package let position: Int
        /// The gradient at what is read, `[d_model]`: a row of the encoder, a column of the unembedding.
        package let direction: [Float]
    }

    /// The sources.
    package let sources: FeatureSources
    private let scratch: ScratchPool

    private var run: FrozenRun { sources.run }
    private var layout: SourceLayout { sources.layout }
    private var backward: LinearBackward { LinearBackward(run: run, set: sources.set) }

    /// Rows of a piece of work: targets times positions, so many that each vector of a long prompt is read for
    /// several targets. The pieces depend on the targets alone.
    private static let mostRows = 2048

    /// With so many targets side by side, vectors that aren't kept are worth being gathered for a matrix
    /// product.
    private static let fewestGathered = 16

    /// Prepares to compute rows.
    package init(_ sources: FeatureSources) {
        self.sources = sources
        scratch = ScratchPool(workers: sources.run.transformer.pool.threads)
    }

    /// The direct effects on each target, as `SourceLayout.segments` lays them out, tokens last.
    /// - Parameter targets: in any order.
    package func rows(
        of targets: [Target], progress: @Sendable (Int) -> Void = { _ in }
    ) -> [FloatBuffer] {
        let pieces = Self.pieces(targets)
        let rows = Results<FloatBuffer>(targets.count)
        run.transformer.pool.run(pieces.count) { worker, piece in
            scratch.withWorkspace(of: worker) { workspace in
                compute(pieces[piece].map { (targets[$0], $0) }, workspace) { rows[$0] = $1 }
            }
            progress(pieces[piece].count)
        }
        return targets.indices.map { rows[$0] ?? FloatBuffer(count: 0) }
    }

    /// Targets of one layer and of neighbouring positions together.
    private static func pieces(_ targets: [Target]) -> [[Int]] {
        let order = targets.indices.sorted {
            (targets[$0].layer, targets[$0].position, $0)
                < (targets[$1].layer, targets[$1].position, $1)
        }
        var pieces: [[Int]] = []
        for index in order {
            if let piece = pieces.last, targets[piece[0]].layer == targets[index].layer,
                (piece.count + 1) * (targets[index].position + 1) <= mostRows
            {
                pieces[pieces.count - 1].append(index)
            } else {
                pieces.append([index])
            }
        }
        return pieces
    }

    /// Computes the rows of one piece: rows of the gradient are `[position, target, d_model]`.
    private func compute(
        _ targets: [(target: Target, index: Int)], _ workspace: Workspace,
        _ store: (Int, FloatBuffer) -> Void
    ) {
        guard let start = targets.first?.target.layer else { return }
        let (dModel, count) = (run.dModel, targets.count)
        let positions = (targets.map(\.target.position).max() ?? 0) + 1
        let first = targets.map(\.target.position).min() ?? 0
        let size = positions * count * dModel
        let g = workspace.take(size)
        g.update(repeating: 0, count: size)
        for (column, (target, _)) in targets.enumerated() {
            backward.inject(target, to: g + (target.position * count + column) * dModel)
        }
        let (segments, outputCount) = layout.segments(layer: start, positions: positions)
        let stride = outputCount + positions
        let effects = workspace.take(count * stride)
        effects.update(repeating: 0, count: count * stride)

        backward.sweep(
            g, from: start, positions: positions, first: first, targets: count, workspace
        ) { layer, output in
            for (below, segment) in segments.enumerated().prefix(layer + 1)
            where sources.set.outputs(ofLayer: below).contains(layer) {
                addEffects(
                    of: below, writingTo: layer, output, positions: positions, targets: count,
                    to: effects + segment.start, stride: stride, workspace)
            }
        }
        for position in 0..<positions {
            for column in 0..<count {
                effects[column * stride + outputCount + position] = dot(
                    run.embeddings.values + position * dModel,
                    g + (position * count + column) * dModel, count: dModel)
            }
        }
        for (column, (target, index)) in targets.enumerated() {
            store(
                index,
                row(
                    effects + column * stride, layer: start, positions: positions,
                    own: target.position + 1))
        }
    }

    /// Adds the effects of a layer's sources by what they write to the output of layer `output`.
    private func addEffects(
        of layer: Int, writingTo output: Int, _ gradient: UnsafePointer<Float>, positions: Int,
        targets: Int, to effects: UnsafeMutablePointer<Float>, stride: Int, _ workspace: Workspace
    ) {
        let dModel = run.dModel
        if !sources.vectorsAreKept, targets < Self.fewestGathered {
            sources.addProducts(
                layer: layer, output: output, gradient, positions: positions, targets: targets,
                to: effects, stride: stride, workspace: workspace)
            return
        }
        let first = layout.sources(layer: layer, positions: positions).lowerBound
        for position in 0..<positions {
            let mark = workspace.mark
            let (vectors, count) = sources.vectors(
                layer: layer, position: position, output: output, workspace: workspace)
            let start = layout.sources(layer: layer, position: position).lowerBound - first
            BLAS.multiply(
                gradient + position * targets * dModel, stride: dModel, vectors, stride: dModel,
                into: effects + start, stride: stride, rows: targets, columns: count,
                inner: dModel, transposeB: true, keep: 1)
            workspace.reset(to: mark)
        }
    }

    /// A target's own row of a piece's, whose positions may go further, times the activations.
    private func row(
        _ effects: UnsafePointer<Float>, layer: Int, positions: Int, own: Int
    ) -> FloatBuffer {
        let wide = layout.segments(layer: layer, positions: positions)
        let narrow = layout.segments(layer: layer, positions: own)
        let row = FloatBuffer(count: narrow.count + own)
        for (from, to) in zip(wide.segments, narrow.segments) {
            let values = row.values + to.start
            values.update(from: effects + from.start, count: to.sources.count)
            values.multiply(
                by: sources.factors.values + to.sources.lowerBound, count: to.sources.count)
        }
        (row.values + narrow.count).update(from: effects + wide.count, count: own)
        return row
    }
}

extension FeatureSources {
    /// The targets that these active features are.
    func targets(_ numbers: [Int]) -> [DirectEffects.Target] {
        let targets = Results<DirectEffects.Target>(numbers.count)
        let places = numbers.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
        for (index, place) in places.enumerated() {
            let feature = features[numbers[place]]
            targets[place] = target(
                layer: feature.layer, position: feature.position, index: feature.index)
            // Features are numbered by layer: of its encoder nothing more is needed.
            let next = index + 1 < places.count ? features[numbers[places[index + 1]]].layer : nil
            if next != feature.layer { set.layers[Int(feature.layer)].releaseEncoder() }
        }
        return numbers.indices.compactMap { targets[$0] }
    }

    /// The target that a feature is: its encoder's row, so that an effect is one on its pre-activation.
    func target(layer: Int32, position: Int32, index: Int32) -> DirectEffects.Target {
        var direction = [Float](repeating: 0, count: run.dModel)
        direction.withUnsafeMutableBufferPointer {
            guard let base = $0.baseAddress else { return }
            set.layers[Int(layer)].copyEncoder(of: Int(index), to: base)
        }
        return DirectEffects.Target(
            layer: Int(layer), position: Int(position), direction: direction)
    }
}
