/// Where a forward pass starts.
package enum PassStart: Sendable {
    /// At the embeddings of these tokens, `[prompt][position]`.
    case tokens([[Int32]])
    /// Before a layer, with a residual stream known from somewhere else: `fill` writes that of a
    /// prompt, `[position, d_model]`. It is called from several threads at the same time.
    case layer(Int, fill: @Sendable (_ prompt: Int, _ stream: UnsafeMutablePointer<Float>) -> Void)
}
