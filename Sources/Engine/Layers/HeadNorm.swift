import Models

/// The norm of queries or keys between projection and rotation.
///
/// Over all heads (OLMo 2) it belongs to each head by itself all the same: where heads have inputs of
/// their own, a head's queries are divided by the root mean square of what *its* input makes of all
/// heads' queries, as its input has a norm of its own before the projection. So a head depends on
/// nothing but its own inputs, and where all inputs are the stream it is the model's norm.
struct HeadNorm: Sendable {
    /// Over the width of a head, or of all heads.
    let normalizer: Normalizer
    /// The projection to the queries (or keys) of all heads, where they are normalised together.
    let all: Affine?

    init(_ weights: NormWeights, of projection: Affine, _ configuration: ModelConfiguration) {
        let isPerHead = configuration.headNormalization == .perHead
        normalizer = Normalizer(
            configuration.normalization, weights,
            width: isPerHead ? configuration.dHead : projection.weight.outputs)
        all = isPerHead ? nil : projection
    }

    /// Normalises what one input makes of all heads' vectors, in place: `[row, head * d_head]`,
    /// `width` values a row.
    func apply(_ vectors: UnsafeMutablePointer<Float>, rows: Int, width: Int) {
        normalizer.apply(vectors, to: vectors, rows: rows * (width / normalizer.width))
    }
}
