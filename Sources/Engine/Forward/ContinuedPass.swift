import Models

/// The passes of a few copies of known prompts, each from a layer and position of its own on, side by
/// side on one thread.
///
/// The copies are sorted by where they start, so that those at work are always the first ones, and
/// their rows the first rows. In the last layer only the end of each prompt reads anything: from
/// there on a copy is one row.
struct ContinuedPass: ~Copyable {
    private let transformer: Transformer
    private let copies: [Continuation]
    /// The pass's copies among all, by start.
    private let members: [Int]
    private let known: KnownKeys
    private let changes: ContinuationChanges
    private let workspace: Workspace
    /// The positions of each member's rows.
    private let ranges: [Range<Int>]
    /// Where each member's rows start.
    private let starts: [Int]
    /// The longest prompt's length.
    private let longest: Int
    /// Of all rows, and of the last row of each member.
    private let rows: RowPositions
    private let ends: RowPositions
    private let stream: UnsafeMutablePointer<Float>
    private let normalized: UnsafeMutablePointer<Float>
    private let update: UnsafeMutablePointer<Float>
    /// How many members have started.
    private var joined = 0
    /// How many had started before the layer.
    private var joinedBefore = 0
    /// Whether each member is one row by now, the end of its prompt.
    private var isEnds = false

    private var configuration: ModelConfiguration { transformer.configuration }
    private var dModel: Int { configuration.dModel }
    /// The rows at work.
    private var rowCount: Int { isEnds ? joined : starts[joined] }

    init(
        _ transformer: Transformer, _ copies: [Continuation], _ members: [Int],
        _ known: KnownKeys, _ changes: ContinuationChanges, _ workspace: Workspace
    ) {
        self.transformer = transformer
        self.copies = copies
        self.members = members
        self.known = known
        self.changes = changes
        self.workspace = workspace
        let layout = known.layout
        ranges = members.map { transformer.positions(of: copies[$0], in: layout) }
        starts = RowLayout(lengths: ranges.map(\.count)).starts
        let lengths = members.map { layout.length(copies[$0].prompt) }
        longest = lengths.max() ?? 0
        rows = RowPositions(ranges, ofLengths: lengths, in: transformer)
        ends = RowPositions(lengths.map { $0 - 1..<$0 }, ofLengths: lengths, in: transformer)
        let size = starts[ranges.count] * transformer.configuration.dModel
        stream = workspace.take(size)
        normalized = workspace.take(size)
        update = workspace.take(size)
    }

    /// Runs the layers and writes the normalised final stream at the end of each copy, `[member, d_model]`.
    mutating func run(to result: UnsafeMutablePointer<Float>) {
        guard let first = members.first else { return }
        for layer in copies[first].layer..<max(copies[first].layer, transformer.layers.count) {
            joinedBefore = joined
            join(before: layer, .attention)
            if joined > 0 { attend(layer) }
            feedForward(layer)
        }
        isEnds = true
        join(before: transformer.layers.count, .attention)
        transformer.finalNorm.apply(stream, to: normalized, rows: rowCount)
        result.update(from: normalized, count: members.count * dModel)
    }

    /// Lets the members that start here start.
    private mutating func join(before layer: Int, _ entry: Continuation.Entry) {
        let stage = 2 * layer + entry.rawValue
        while joined < members.count, copies[copy(joined)].stage <= stage {
            let row = firstRow(joined)
            changes.fill(copy(joined), ranges[joined], stream + row * dModel, workspace)
            joined += 1
        }
    }

    private func copy(_ member: Int) -> Int { members[member] }

    private func firstRow(_ member: Int) -> Int { isEnds ? member : starts[member] }

    /// The positions of a member's rows by now.
    private func positions(_ member: Int) -> Range<Int> {
        isEnds ? ranges[member].upperBound - 1..<ranges[member].upperBound : ranges[member]
    }

    /// Hands an activation to those who change it as they start.
    private func edit(
        _ point: HookPoint.BlockPoint, _ values: UnsafeMutablePointer<Float>, width: Int
    ) {
        for member in joinedBefore..<joined where copies[copy(member)].edit == point {
            changes.edit(
                copy(member),
                EditedRows(
                    values: values + firstRow(member) * width, stride: width,
                    positions: positions(member)),
                workspace)
        }
    }

    /// Attention of all heads: leaves what is added to the stream in `update`, and in the last layer one
    /// row of each member.
    private mutating func attend(_ index: Int) {
        let mark = workspace.mark
        let layer = transformer.layers[index]
        let weights = layer.attention
        let (heads, width) = (weights.headCount, weights.dHead)
        let vectors = HeadVectors(
            rows: rowCount, of: weights, keyCount: weights.keyValueHeadCount, in: workspace)
        let keyWidth = vectors.keyCount * width
        layer.attentionNorm.apply(stream, to: normalized, rows: rowCount)
        weights.key.apply(
            normalized, stride: dModel, to: vectors.keys, stride: keyWidth, rows: rowCount)
        weights.value.apply(
            normalized, stride: dModel, to: vectors.values, stride: keyWidth, rows: rowCount)
        edit(.key, vectors.keys, width: keyWidth)
        edit(.value, vectors.values, width: keyWidth)
        weights.prepareKeys(vectors.keys, rows: rowCount, positions: rows.positions.values)
        if index == transformer.layers.count - 1 { keepEnds() }
        weights.query.apply(
            normalized, stride: dModel, to: vectors.queries, stride: heads * width,
            rows: rowCount)
        edit(.query, vectors.queries, width: heads * width)
        weights.prepareQueries(
            vectors.queries, rows: rowCount,
            positions: (isEnds ? ends : rows).positions.values)
        let z = workspace.take(rowCount * heads * width)
        attend(weights, index, vectors, to: z)
        edit(.z, z, width: heads * width)
        weights.output.apply(
            z, stride: heads * width, to: update, stride: dModel, rows: rowCount)
        layer.postAttentionNorm?.apply(update, to: update, rows: rowCount)
        workspace.reset(to: mark)
    }

    /// Keeps the last row of each member, of the stream and of what is normalised.
    private mutating func keepEnds() {
        isEnds = true
        for member in 0..<joined {
            let row = starts[member + 1] - 1
            guard row > member else { continue }
            for values in [stream, normalized] {
                (values + member * dModel).update(from: values + row * dModel, count: dModel)
            }
        }
    }

    /// From prepared queries, keys and values to z, member by member.
    private func attend(
        _ weights: Attention, _ index: Int, _ vectors: HeadVectors,
        to z: UnsafeMutablePointer<Float>
    ) {
        let mark = workspace.mark
        var keys = KeysOfPrompt(
            known, layer: index, width: vectors.keyCount * weights.dHead, longest: longest,
            workspace)
        let pattern = workspace.take((isEnds ? 1 : longest) * longest)
        let visible = (isEnds ? ends : rows).visibleKeys.values
        let (width, stride) = (weights.dHead, weights.headCount * weights.dHead)
        for member in 0..<joined {
            let own = starts[member] * keys.width
            keys.load(
                copies[copy(member)].prompt, own: ranges[member], vectors.keys + own,
                vectors.values + own)
            let row = firstRow(member)
            let positions = positions(member)
            let editsPattern = member >= joinedBefore && copies[copy(member)].edit == .pattern
            let length = positions.upperBound
            for head in 0..<weights.headCount {
                let column = weights.columns(ofHead: head).lowerBound
                let keyColumn = weights.keyColumns(ofHead: head).lowerBound
                weights.head.score(
                    vectors.queries + row * stride + column, stride: stride,
                    queries: positions.count, keys: keys.keys + keyColumn, stride: keys.width,
                    count: length, visible: visible + row, period: positions.count,
                    pattern: pattern)
                if editsPattern {
                    let edited = EditedRows(
                        values: pattern, stride: length, positions: positions, head: head)
                    changes.edit(copy(member), edited, workspace)
                }
                BLAS.multiply(
                    pattern, stride: length, keys.values + keyColumn, stride: keys.width,
                    into: z + row * stride + column, stride: stride, rows: positions.count,
                    columns: width, inner: length)
            }
        }
        workspace.reset(to: mark)
    }

    /// The MLP, and what both halves of the layer add to the stream.
    private mutating func feedForward(_ index: Int) {
        let layer = transformer.layers[index]
        // A parallel layer's MLP reads the stream without what attention adds to it.
        let isParallel = configuration.parallelAttentionMLP
        if isParallel { layer.mlpNorm.apply(stream, to: normalized, rows: rowCount) }
        stream.add(update, count: rowCount * dModel)
        if index == transformer.layers.count - 1 { isEnds = true }
        join(before: index, .mlp)
        if !isParallel { layer.mlpNorm.apply(stream, to: normalized, rows: rowCount) }
        if rowCount == 0 { return }
        edit(.mlpIn, normalized, width: dModel)
        layer.mlp.apply(normalized, to: update, rows: rowCount, workspace: workspace)
        layer.postMLPNorm?.apply(update, to: update, rows: rowCount)
        stream.add(update, count: rowCount * dModel)
    }
}
