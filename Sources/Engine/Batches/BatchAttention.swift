import Models

/// The attention of a layer's heads over the prompts of a batch: from the normalised stream to z,
/// and back.
struct BatchAttention {
    /// How the prompts lie in the rows.
    let layout: RowLayout
    /// Where each row is in its prompt.
    let rows: RowPositions
    /// How many positions of the prompt are before its first row, with keys and values of their own.
    let earlier: Int

    /// For prompts of these lengths, packed.
    init(_ transformer: Transformer, lengths: [Int]) {
        layout = RowLayout(lengths: lengths)
        rows = RowPositions(lengths: lengths, in: transformer)
        earlier = 0
    }

    /// For some last positions of one prompt, whose earlier ones are known.
    init(_ transformer: Transformer, appending positions: Range<Int>) {
        layout = RowLayout(lengths: [positions.count])
        rows = RowPositions([positions], ofLengths: [positions.upperBound], in: transformer)
        earlier = positions.lowerBound
    }

    /// Values of the largest pattern of a head.
    var largestPattern: Int { layout.longest * (layout.longest + earlier) }

    /// Where a head of a prompt lies in the rows of queries, keys, values and z.
    struct HeadOffsets {
        /// The head of the layer.
        let number: Int
        /// Where the prompt's rows start.
        let firstRow: Int
        /// The rows of the prompt.
        let length: Int
        /// Its keys: its rows, and what was before them.
        let keyLength: Int
        /// Where in queries and z its first row lies.
        let query: Int
        /// Where in keys and values its first row lies.
        let key: Int
    }

    /// Calls `body` with every head of every prompt, prompt by prompt.
    /// - Parameter keyCount: how many keys a row has.
    func forEachHead(of attention: Attention, keyCount: Int, _ body: (HeadOffsets) -> Void) {
        let (heads, width) = (attention.headCount, attention.dHead)
        for prompt in 0..<layout.promptCount {
            let first = layout.starts[prompt]
            for head in 0..<heads {
                let key = attention.keyNumber(ofHead: head, of: keyCount)
                body(
                    HeadOffsets(
                        number: head, firstRow: first, length: layout.length(prompt),
                        keyLength: layout.length(prompt) + earlier,
                        query: (first * heads + head) * width,
                        key: (first * keyCount + key) * width))
            }
        }
    }

    /// Values of the patterns of all heads and prompts.
    func patternCount(of attention: Attention) -> Int {
        attention.headCount
            * (0..<layout.promptCount).reduce(0) { $0 + layout.length($1) * layout.length($1) }
    }

    /// Computes queries, keys (both neither normalised nor rotated) and values of all heads from one stream.
    /// - Parameters:
    ///   - normalized: the normalised stream, `[row, d_model]`.
    ///   - vectors: receives them, with the model's number of keys.
    func project(
        _ normalized: UnsafePointer<Float>, through attention: Attention, to vectors: HeadVectors
    ) {
        let dModel = attention.query.weight.inputs
        let width = attention.dHead
        let (qWidth, kvWidth) = (attention.headCount * width, vectors.keyCount * width)
        let rows = layout.rowCount
        attention.query.apply(
            normalized, stride: dModel, to: vectors.queries, stride: qWidth, rows: rows)
        attention.key.apply(
            normalized, stride: dModel, to: vectors.keys, stride: kvWidth, rows: rows)
        attention.value.apply(
            normalized, stride: dModel, to: vectors.values, stride: kvWidth, rows: rows)
    }

    /// Normalises and rotates queries and keys that come from one stream, where the model does that.
    func prepare(_ vectors: HeadVectors, of attention: Attention) {
        let (rows, positions) = (layout.rowCount, rows.positions.values)
        attention.prepareQueries(vectors.queries, rows: rows, positions: positions)
        attention.prepareKeys(vectors.keys, rows: rows, positions: positions)
    }

    /// Rotates queries and keys by the rows' positions.
    /// - Parameter transposed: the way back of gradients.
    func rotate(_ vectors: HeadVectors, of attention: Attention, transposed: Bool = false) {
        for (values, heads) in [
            (vectors.queries, attention.headCount), (vectors.keys, vectors.keyCount),
        ] {
            attention.rotate(
                values, heads: heads, rows: layout.rowCount, positions: rows.positions.values,
                transposed: transposed)
        }
    }

    /// Computes z of all heads, `[row, head * d_head]`.
    /// - Parameters:
    ///   - vectors: with rotated queries and keys.
    ///   - patterns: receives the patterns, `[head, position, position]` of one prompt after the
    ///     other; unless they are kept, room for the longest prompt's one is enough.
    func forward(
        _ attention: Attention, _ vectors: HeadVectors, patterns: UnsafeMutablePointer<Float>,
        keepingPatterns: Bool, to z: UnsafeMutablePointer<Float>
    ) {
        let width = attention.dHead
        let (qWidth, kvWidth) = (attention.headCount * width, vectors.keyCount * width)
        var pattern = patterns
        forEachHead(of: attention, keyCount: vectors.keyCount) { head in
            attention.head.attend(
                vectors.queries + head.query, stride: qWidth, queries: head.length,
                keys: vectors.keys + head.key, stride: kvWidth, values: vectors.values + head.key,
                stride: kvWidth, count: head.keyLength,
                visible: rows.visibleKeys.values + head.firstRow, period: head.length,
                pattern: pattern, to: z + head.query, stride: qWidth)
            if keepingPatterns { pattern += head.length * head.length }
        }
    }

    /// Computes the gradients of rotated queries and keys, and of values, from that of z.
    /// - Parameters:
    ///   - vectors: those of the forward pass.
    ///   - patterns: which that pass kept.
    ///   - dz: `[row, head * d_head]`.
    ///   - gradients: receives them. There may be more keys than in `vectors`: then heads that share
    ///     keys get a gradient each.
    func backward(
        _ attention: Attention, _ vectors: HeadVectors, patterns: UnsafePointer<Float>,
        dz: UnsafePointer<Float>, to gradients: HeadVectors, workspace: Workspace
    ) {
        let mark = workspace.mark
        let width = attention.dHead
        let (qWidth, kvWidth) = (attention.headCount * width, vectors.keyCount * width)
        let gradientWidth = gradients.keyCount * width
        let scratch = workspace.take(
            (attention.head.softCap > 0 ? 2 : 1) * layout.longest * layout.longest)
        var pattern = patterns
        forEachHead(of: attention, keyCount: vectors.keyCount) { head in
            func target(_ head: Int) -> Int {
                attention.keyNumber(ofHead: head, of: gradients.keyCount)
            }
            let isFirstOfTarget =
                head.number == 0 || target(head.number - 1) != target(head.number)
            let gradient = head.firstRow * gradientWidth + target(head.number) * width
            attention.head.applyBackward(
                dz + head.query, queries: vectors.queries + head.query,
                dq: gradients.queries + head.query, queryStride: qWidth,
                keys: vectors.keys + head.key, values: vectors.values + head.key,
                keyStride: kvWidth, dk: gradients.keys + gradient, dv: gradients.values + gradient,
                gradientStride: gradientWidth, keep: isFirstOfTarget ? 0 : 1, pattern: pattern,
                count: head.length, scratch: scratch)
            pattern += head.length * head.length
        }
        workspace.reset(to: mark)
    }
}
