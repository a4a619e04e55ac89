package import Basics
package import Engine

extension Transformer {
    /// Generates tokens after a prompt with steering vectors added.
    /// - Returns: the logits after the prompt, and the tokens, the likeliest each time.
    /// - Throws: `Failure` where the model can't read so many tokens, or a logit isn't finite.
    package func generate(
        _ count: Int, after prompt: [Int32], adding vectors: VectorPass
    ) throws(Failure) -> (logits: [Float], tokens: [Int32]) {
        let growing = try GrowingRun(self, capacity: prompt.count + max(0, count - 1))
        let result = try growing.generate(
            after: prompt, count: count, hooks: { _ in vectors.hooks },
            check: { (logits) throws(Failure) in
                guard logits.allSatisfy(\.isFinite) else {
                    throw Failure(
                        .badData,
                        "with these vectors a logit is infinite or not a number: the scale is too "
                            + "high for float32")
                }
            })
        return (result.first, result.tokens)
    }
}
