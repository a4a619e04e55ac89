/// The transcoder of one layer.
package struct Transcoder: Sendable {
    /// The encoder: `[feature, d_model]`, or `[d_model, feature]` if `encoderIsInputMajor`.
    package let encoder: StoredMatrix
    /// Whether a row of the encoder is an input, as Gemma Scope stores it.
    package let encoderIsInputMajor: Bool
    /// b_enc, `[feature]`.
    package let encoderBias: [Float]
    /// The thresholds of a JumpReLU, `[feature]`.
    package let thresholds: [Float]?
    /// A row a feature and output layer: that of feature f for the n-th output is `f * outputs + n`.
    package let decoder: StoredMatrix
    /// How many outputs a feature has in the file.
    package let storedOutputs: Int
    /// Which of these is the layer's own.
    package let firstOutput: Int
    /// b_dec, `[d_model]`.
    package let decoderBias: [Float]
    /// The linear path beside the features.
    package let skip: Weight?
    /// What keeps the skip's values.
    let storage: WeightStorage?

    /// Gives back the memory of what was read of its files so far; it is read again when needed.
    package func releasePages() {
        encoder.releasePages()
        decoder.releasePages()
    }

    /// Gives back the memory of what was read of the encoder so far; it is read again when needed.
    package func releaseEncoder() { encoder.release() }

    /// What a feature of activation 1 writes, `[d_model]`: where it lies in the file if that can be used
    /// as it is, else a copy in `scratch`.
    /// - Parameter output: which of the layers that it writes to, its own being 0.
    package func decoderRow(
        of feature: Int, output: Int, scratch: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        let row = feature * storedOutputs + firstOutput + output
        if let values = decoder.inPlace { return values + row * decoder.columns }
        decoder.copy(row: row, to: scratch)
        return UnsafePointer(scratch)
    }

    /// Copies the encoder's row of a feature into y, `[d_model]`.
    package func copyEncoder(of feature: Int, to y: UnsafeMutablePointer<Float>) {
        guard encoderIsInputMajor else { return encoder.copy(row: feature, to: y) }
        for input in 0..<encoder.rows {
            encoder.copy(row: input, columns: feature..<feature + 1, to: y + input)
        }
    }

    /// Copies what a feature of activation 1 writes into y, `[d_model]`.
    /// - Parameter output: which of the layers that it writes to, its own being 0.
    package func copyDecoder(
        of feature: Int, output: Int, to y: UnsafeMutablePointer<Float>
    ) {
        decoder.copy(row: feature * storedOutputs + firstOutput + output, to: y)
    }
}
