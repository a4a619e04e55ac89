/// The transcoders that an artifact was made with.
package struct TranscoderReference: Hashable, Sendable {
    /// The name a person uses.
    package var name: String
    /// Where they were found: a hint, no part of a digest.
    package var path: String
    /// SHA-256 of their files, in lower-case hexadecimal.
    package var digest: String
    /// `transcoder_set` or `cross_layer_transcoder`.
    package var kind: String
    /// What encoders read, by TransformerLens's name inside a block.
    package var inputHook: String
    /// What decoders write to, by TransformerLens's name inside a block.
    package var outputHook: String
    /// The activation function: `relu`, `jumprelu`, or `topk` and its k.
    package var activation: String
    /// Features a layer.
    package var featureCount: Int
    /// What its authors call it where features are looked up, if they say so.
    package var scan: String?

    /// Makes a reference from its parts.
    package init(
        name: String, path: String, digest: String, kind: String, inputHook: String,
        outputHook: String, activation: String, featureCount: Int, scan: String? = nil
    ) {
        self.name = name
        self.path = path
        self.digest = digest
        self.kind = kind
        self.inputHook = inputHook
        self.outputHook = outputHook
        self.activation = activation
        self.featureCount = featureCount
        self.scan = scan
    }
}

extension TranscoderReference {
    /// Encodes the group `transcoders`.
    var content: ContentGroup {
        var group = ContentGroup()
        group.set("name", name)
        group.set("path", path)
        group.set("digest", digest)
        group.set("kind", kind)
        group.set("input_hook", inputHook)
        group.set("output_hook", outputHook)
        group.set("activation", activation)
        group.set("n_features", featureCount)
        group.set("scan", scan)
        return group
    }

    init(_ group: ContentGroup) throws(ArtifactError) {
        self.init(
            name: try group.text("name"), path: try group.text("path"),
            digest: try group.text("digest"), kind: try group.text("kind"),
            inputHook: try group.text("input_hook"), outputHook: try group.text("output_hook"),
            activation: try group.text("activation"),
            featureCount: try group.integer("n_features"), scan: group.optionalText("scan"))
    }
}
