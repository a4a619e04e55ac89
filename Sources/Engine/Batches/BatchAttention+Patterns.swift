import CKernels

/// Attention in steps, for hooks that read or replace scores or patterns between them.
extension BatchAttention {
    /// Writes the patterns of all heads, `[row, head, key_position]`, 0 past the prompt's end.
    /// - Parameters:
    ///   - vectors: with rotated queries and keys.
    ///   - keyPositions: how many key positions there are; no prompt is longer.
    func writePatterns(
        of attention: Attention, _ vectors: HeadVectors, to patterns: UnsafeMutablePointer<Float>,
        keyPositions: Int, workspace: Workspace
    ) {
        writeMaps(
            of: attention, vectors, to: patterns, keyPositions: keyPositions, elsewhere: 0,
            workspace: workspace
        ) { head, table in
            let stride = vectors.keyCount * attention.dHead
            attention.head.score(
                vectors.queries + head.query, stride: attention.headCount * attention.dHead,
                queries: head.length, keys: vectors.keys + head.key, stride: stride,
                count: head.keyLength, visible: rows.visibleKeys.values + head.firstRow,
                period: head.length, pattern: table)
        }
    }

    /// Writes the attention scores of all heads, `[row, head, key_position]`: scaled and soft-capped,
    /// -infinity for keys that a query doesn't see and past the prompt's end.
    func writeScores(
        of attention: Attention, _ vectors: HeadVectors, to scores: UnsafeMutablePointer<Float>,
        keyPositions: Int, workspace: Workspace
    ) {
        writeMaps(
            of: attention, vectors, to: scores, keyPositions: keyPositions, elsewhere: -.infinity,
            workspace: workspace
        ) { head, table in
            let stride = vectors.keyCount * attention.dHead
            attention.head.maskedScores(
                vectors.queries + head.query, stride: attention.headCount * attention.dHead,
                queries: head.length, keys: vectors.keys + head.key, stride: stride,
                count: head.keyLength, visible: rows.visibleKeys.values + head.firstRow,
                scores: table)
        }
    }

    /// Turns such scores into patterns, in place.
    func turnIntoPatterns(
        _ scores: UnsafeMutablePointer<Float>, of attention: Attention, keyPositions: Int
    ) {
        ckernels_masked_softmax(scores, layout.rowCount * attention.headCount, keyPositions)
    }

    /// Writes a table of queries by keys for every head, `[row, head, key_position]`.
    /// - Parameters:
    ///   - elsewhere: what stands past the prompt's end.
    ///   - fill: writes the table of a head and prompt, `[row, key_position]`.
    private func writeMaps(
        of attention: Attention, _ vectors: HeadVectors, to maps: UnsafeMutablePointer<Float>,
        keyPositions: Int, elsewhere: Float, workspace: Workspace,
        fill: (HeadOffsets, UnsafeMutablePointer<Float>) -> Void
    ) {
        let mark = workspace.mark
        let heads = attention.headCount
        maps.update(repeating: elsewhere, count: layout.rowCount * heads * keyPositions)
        let table = workspace.take(largestPattern)
        forEachHead(of: attention, keyCount: vectors.keyCount) { head in
            fill(head, table)
            for query in 0..<head.length {
                (maps + ((head.firstRow + query) * heads + head.number) * keyPositions).update(
                    from: table + query * head.keyLength, count: head.keyLength)
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
                rows: head.length, columns: width, inner: head.keyLength)
        }
    }
}
