package import Basics
import Models

/// A prompt that tokens are appended to, as in generation: the keys and values of what is there are
/// kept, and only new positions are computed.
///
/// Its results are those of running the whole prompt again, but for rounding: products of few rows sum
/// in another order. Where a model isn't causal, earlier positions see later ones, and all are computed
/// again.
package final class GrowingRun {
    /// The model.
    package let transformer: Transformer
    /// All tokens so far.
    package private(set) var tokens: [Int32] = []
    private let cache: KeyValueCache

    /// A run without tokens.
    /// - Parameter capacity: how many tokens it is going to have at most.
    /// - Throws: `Failure` where that is more than the model can read.
    package init(_ transformer: Transformer, capacity: Int) throws(Failure) {
        try transformer.validate(length: capacity, name: "the prompt, with what is generated,")
        self.transformer = transformer
        cache = KeyValueCache(transformer, capacity: capacity)
        tokens.reserveCapacity(capacity)
    }

    /// Appends tokens.
    /// - Parameter hooks: what to read or replace on the way; their rows are the positions computed.
    /// - Returns: the normalised final stream at the last position, `[d_model]`.
    /// - Throws: `Failure` for a token that isn't in the vocabulary.
    package func append(
        _ new: [Int32], hooks: ForwardHooks = .none
    ) throws(Failure) -> FloatBuffer {
        try transformer.validate([new])
        precondition(
            tokens.count + new.count <= cache.capacity, "more tokens than there is room for")
        tokens += new
        let isCausal = transformer.configuration.isCausal
        let computed = isCausal ? new : tokens
        cache.count = tokens.count - computed.count
        let mark = cache.workspace.mark
        defer { cache.workspace.reset(to: mark) }
        let pass = ForwardPass(transformer, appending: computed, to: cache, hooks)
        let dModel = transformer.configuration.dModel
        let last = FloatBuffer(count: dModel)
        last.values.update(from: pass.run() + (computed.count - 1) * dModel, count: dModel)
        cache.count = tokens.count
        return last
    }

    /// Appends tokens, and then, one by one, the likeliest next ones.
    /// - Parameters:
    ///   - prompt: the tokens to begin with.
    ///   - count: how many to generate; the last of them isn't appended any more.
    ///   - hooks: what to read or replace while the positions from the given one on are computed.
    /// - Returns: the logits after the prompt, and the tokens generated; of equally likely ones the
    ///   lower.
    /// - Throws: `Failure` for a prompt that the model can't read, and what `check` throws.
    package func generate(
        after prompt: [Int32], count: Int,
        hooks: (_ firstPosition: Int) -> ForwardHooks = { _ in .none },
        check: ([Float]) throws(Failure) -> Void = { (_) throws(Failure) in }
    ) throws(Failure) -> (first: [Float], tokens: [Int32]) {
        var generated: [Int32] = []
        var next = prompt
        var first: [Float] = []
        repeat {
            let start = transformer.configuration.isCausal ? tokens.count : 0
            let stream = try append(next, hooks: hooks(start))
            let logits = transformer.unembed(normalized: stream, rows: 1).array
            try check(logits)
            if first.isEmpty { first = logits }
            guard generated.count < count else { break }
            next = [Int32(logits.indices.max { (logits[$0], $1) < (logits[$1], $0) } ?? 0)]
            generated += next
        } while generated.count < count
        return (first, generated)
    }
}
