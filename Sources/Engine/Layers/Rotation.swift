import CKernels
import Foundation
package import Models

/// The rotary position embedding of a model, as tables of cosines and sines.
package final class Rotation: Sendable {
    private let embedding: RotaryEmbedding
    private let cosines: [Float]
    private let sines: [Float]

    /// Tables for the positions below `positionCount`.
    package init(_ embedding: RotaryEmbedding, positionCount: Int) {
        self.embedding = embedding
        let half = embedding.dimensions / 2
        var cosines: [Float] = []
        var sines: [Float] = []
        cosines.reserveCapacity(positionCount * half)
        sines.reserveCapacity(positionCount * half)
        for position in 0..<positionCount {
            for frequency in embedding.inverseFrequencies {
                // The angle is rounded to float32 first, as every implementation in PyTorch does.
                let angle = Float(position) * frequency
                cosines.append(Float(cos(Double(angle))))
                sines.append(Float(sin(Double(angle))))
            }
        }
        self.cosines = cosines
        self.sines = sines
    }

    /// Rotates `heads` head vectors of each row of x in place.
    /// - Parameters:
    ///   - x: `[rows, heads, d_head]`, rows `stride` apart.
    ///   - positions: row `i` is at `positions[i % period]`.
    ///   - inverse: rotates back, which is also the gradient.
    package func apply(
        to x: UnsafeMutablePointer<Float>, rows: Int, stride: Int, heads: Int, headWidth: Int,
        positions: UnsafePointer<Int32>, period: Int, inverse: Bool = false
    ) {
        ckernels_rotate(
            x, rows, stride, heads, headWidth, embedding.dimensions, positions, period, cosines,
            sines, embedding.pairing == .interleaved ? 1 : 0, inverse ? 1 : 0)
    }
}
