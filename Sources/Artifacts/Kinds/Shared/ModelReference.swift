/// The model that an artifact was made with: enough to find it again and to refuse another one.
///
/// The digest identifies the model. The path is a hint only: it isn't part of an artifact's digest.
package struct ModelReference: Hashable, Sendable {
    /// The name a person uses, for example `SmolLM2-135M-Instruct.Q4_1`.
    package var name: String
    /// The path the model was loaded from.
    package var path: String
    /// SHA-256 of the model's files, as lower-case hexadecimal digits.
    package var digest: String
    /// The model family, for example `llama` or `gpt2`.
    package var family: String

    /// Makes a reference from its parts.
    package init(name: String, path: String, digest: String, family: String) {
        self.name = name
        self.path = path
        self.digest = digest
        self.family = family
    }
}

extension ModelReference {
    /// Whether attention sees only the positions before it. Artifacts keep of a model no more than its
    /// family, and of all families only programs compiled by tracr look ahead.
    package var isCausal: Bool { family != "tracr" }
}
