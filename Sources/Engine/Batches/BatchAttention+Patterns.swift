/// Attention in two steps, for hooks that read or replace the patterns between them.
extension BatchAttention {
    /// Writes the patterns of all heads, `[row, head, key_position]`, 0 past the prompt's end.
    /// - Parameters:
    ///   - vectors: with rotated queries and keys.
    ///   - keyPositions: how many key positions there are; no prompt is longer.
    func writePatterns(
        of attention: Attention, _ vectors: HeadVectors, to patterns: UnsafeMutablePointer<Float>,
        keyPositions: Int, workspace: Workspace
    ) {
        let mark = workspace.mark
        let (heads, width) = (attention.headCount, attention.dHead)
        patterns.update(repeating: 0, count: layout.rowCount * heads * keyPositions)
        let pattern = workspace.take(layout.longest * layout.longest)
        forEachHead(of: attention, keyCount: vectors.keyCount) { head in
            attention.head.score(
                vectors.queries + head.query, stride: heads * width, queries: head.length,
                keys: vectors.keys + head.key, stride: vectors.keyCount * width,
                count: head.length, visible: rows.visibleKeys.values + head.firstRow,
                period: head.length, pattern: pattern)
            for query in 0..<head.length {
                (patterns + ((head.firstRow + query) * heads + head.number) * keyPositions).update(
                    from: pattern + query * head.length, count: head.length)
            }
        }
        workspace.reset(to: mark)
    }

    /// Computes z of all heads, `[row, head * d_head]`, from such patterns.
    func applyPatterns(
        _ patterns: UnsafePointer<Float>, keyPositions: Int, of attention: Attention,
        _ vectors: HeadVectors, to z: UnsafeMutablePointer<Float>
    ) {
        let (heads, width) = (attention.headCount, attention.dHead)
        forEachHead(of: attention, keyCount: vectors.keyCount) { head in
            BLAS.multiply(
                patterns + (head.firstRow * heads + head.number) * keyPositions,
                stride: heads * keyPositions, vectors.values + head.key,
                stride: vectors.keyCount * width, into: z + head.query, stride: heads * width,
                rows: head.length, columns: width, inner: head.length)
        }
    }
}
