package import Models

/// The projection from the normalised stream to one head's queries, keys or values.
package struct HeadProjection: Sendable {
    /// d_model to d_head.
    package let weights: Affine
    /// Which head it is of, among those of the model's queries, keys or values.
    let number: Int
    /// Normalises queries and keys, where the model does that.
    let norm: HeadNorm?
    /// Rotates queries and keys by their positions, where the model does that.
    let rotation: Rotation?

    private var width: Int { weights.weight.outputs }

    /// Projects x and normalises it where the model does that, before rotation.
    /// - Parameters:
    ///   - x: `[rows, d_model]`, without gaps.
    ///   - y: `[rows, d_head]`, rows `stride` apart; by default without gaps.
    package func apply(
        _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, stride: Int? = nil,
        rows: Int, workspace: Workspace
    ) {
        let inputs = weights.weight.inputs
        let stride = stride ?? width
        guard let norm else {
            return weights.apply(x, stride: inputs, to: y, stride: stride, rows: rows)
        }
        let mark = workspace.mark
        let projection = norm.all ?? weights
        let (allWidth, first) = (
            projection.weight.outputs, norm.all == nil ? 0 : number * width
        )
        let vectors = workspace.take(rows * allWidth)
        projection.apply(x, stride: inputs, to: vectors, stride: allWidth, rows: rows)
        norm.apply(vectors, rows: rows, width: allWidth)
        for row in 0..<rows {
            (y + row * stride).update(from: vectors + row * allWidth + first, count: width)
        }
        workspace.reset(to: mark)
    }

    /// Rotates projected rows by their positions, in place: does nothing to values.
    /// - Parameters:
    ///   - y: `[rows, d_head]`, without gaps.
    ///   - positions: row `i` is at `positions[i % period]`.
    package func rotate(
        _ y: UnsafeMutablePointer<Float>, rows: Int, positions: UnsafePointer<Int32>, period: Int
    ) {
        rotation?.apply(
            to: y, rows: rows, stride: width, heads: 1, headWidth: width, positions: positions,
            period: period)
    }

    /// The gradient of the projection's input from that of its output before norm and rotation.
    /// - Parameters:
    ///   - dy: `[rows, d_head]`, rows `stride` apart.
    ///   - dx: `[rows, d_model]`, without gaps.
    func applyTransposed(
        _ dy: UnsafePointer<Float>, stride: Int, to dx: UnsafeMutablePointer<Float>, rows: Int
    ) {
        weights.weight.applyTransposed(
            dy, stride: stride, to: dx, stride: weights.weight.inputs, rows: rows)
    }
}
