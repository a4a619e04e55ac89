package import Models

/// The projection from the normalised stream to one head's queries, keys or values.
package struct HeadProjection: Sendable {
    /// d_model to d_head.
    package let weights: Affine
    /// Rotates queries and keys by their positions, where the model does that.
    let rotation: Rotation?

    private var width: Int { weights.weight.outputs }

    /// Projects x, before rotation.
    /// - Parameters:
    ///   - x: `[rows, d_model]`, without gaps.
    ///   - y: `[rows, d_head]`, rows `stride` apart; by default without gaps.
    package func apply(
        _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, stride: Int? = nil, rows: Int
    ) {
        weights.apply(
            x, stride: weights.weight.inputs, to: y, stride: stride ?? width, rows: rows)
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

    /// The gradient of the projection's input from that of its output before rotation.
    /// - Parameters:
    ///   - dy: `[rows, d_head]`, rows `stride` apart.
    ///   - dx: `[rows, d_model]`, without gaps.
    package func applyTransposed(
        _ dy: UnsafePointer<Float>, stride: Int, to dx: UnsafeMutablePointer<Float>, rows: Int
    ) {
        weights.weight.applyTransposed(
            dy, stride: stride, to: dx, stride: weights.weight.inputs, rows: rows)
    }
}
