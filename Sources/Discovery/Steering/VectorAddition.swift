package import Artifacts
package import Basics
package import Engine
import Models

/// Steering vectors that are added to a model's activations, scaled, at some positions.
package struct VectorAddition: Sendable {
    /// The vectors.
    package let vectors: SteeringVectorArtifact
    /// What they are multiplied with.
    package let scale: Float
    /// Where they are added.
    package let positions: SteeringPositions
    /// The hook point of each of their layers.
    package let points: [HookPoint]

    /// Prepares to add vectors.
    /// - Parameters:
    ///   - positions: nil for `all`, or `front` where there are vectors for several positions.
    ///   - name: what to call them in messages.
    /// - Throws: `Failure` (bad data) where they don't fit the model, (usage) where they don't fit the
    ///   positions.
    package init(
        _ vectors: SteeringVectorArtifact, scale: Float, at positions: SteeringPositions?,
        in transformer: Transformer, name: String
    ) throws(Failure) {
        let configuration = transformer.configuration
        let model = transformer.model.name
        guard let site = HookPoint.BlockPoint(rawValue: vectors.site) else {
            throw Failure(.badData, "\(name): its site \(vectors.site) is no hook of a layer")
        }
        guard vectors.width == configuration.dModel else {
            throw Failure(
                .badData,
                "\(name): its vectors have \(vectors.width) values, but d_model of \(model) is "
                    + "\(configuration.dModel)")
        }
        if let last = vectors.layers.last, last >= configuration.nLayers {
            throw Failure(
                .badData,
                "\(name): it has a vector for layer \(last), but \(model) has only the layers 0 to "
                    + "\(configuration.nLayers - 1)")
        }
        for layer in vectors.layers {
            try Self.validate(site, layer: Int(layer), in: transformer)
        }
        let isSequence = vectors.positions.count > 1
        self.positions = positions ?? (isSequence ? .front : .all)
        if isSequence, self.positions != .front {
            throw Failure(
                .usage,
                "\(name): it has vectors for \(vectors.positions.count) positions, which are added to "
                    + "the front of a prompt only: give --positions front, or make vectors of one "
                    + "position")
        }
        points = vectors.layers.map { .block(Int($0), site) }
        self.vectors = vectors
        self.scale = scale
    }

    /// Refuses a site that the model hasn't, or where activations aren't d_model wide or follow from
    /// others.
    /// - Throws: `Failure` (usage).
    static func validate(
        _ site: HookPoint.BlockPoint, layer: Int, in transformer: Transformer
    ) throws(Failure) {
        let configuration = transformer.configuration
        let point = HookPoint.block(layer, site)
        guard HookPoint.all(of: configuration).contains(point) else {
            throw Failure(.usage, "\(transformer.model.name) has no \(point.name)")
        }
        guard point.axes(in: configuration, longest: 1).map(\.count) == [configuration.dModel]
        else {
            throw Failure(
                .usage,
                "\(point.name) isn't d_model wide; steering vectors are of hook_resid_pre, "
                    + "hook_resid_mid, hook_resid_post, hook_attn_out or hook_mlp_out")
        }
    }
}
