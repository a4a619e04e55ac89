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
        forEachHead(of: attention, keyCount: vectors.keyCount) { place in
            attention.head.score(
                vectors.queries + place.query, stride: heads * width, queries: place.length,
                keys: vectors.keys + place.key, stride: vectors.keyCount * width,
                count: place.length, visible: rows.visibleKeys.values + place.firstRow,
                period: place.length, pattern: pattern)
            for query in 0..<place.length {
                (patterns + ((place.firstRow + query) * heads + place.head) * keyPositions).update(
                    from: pattern + query * place.length, count: place.length)
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
        forEachHead(of: attention, keyCount: vectors.keyCount) { place in
            BLAS.multiply(
                patterns + (place.firstRow * heads + place.head) * keyPositions,
                stride: heads * keyPositions, vectors.values + place.key,
                stride: vectors.keyCount * width, into: z + place.query, stride: heads * width,
                rows: place.length, columns: width, inner: place.length)
        }
    }
}
