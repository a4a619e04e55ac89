import CKernels
import Foundation
import Models

/// The rotary position embedding of a model: a view of tables that `RotationTables` keeps alive, as
/// the model does the values of a `Weight`.
package struct Rotation: @unchecked Sendable {
    /// How many dimensions of each head are rotated.
    let dimensions: Int
    /// Whether pairs of dimensions are (2i, 2i + 1), not (i, i + dimensions / 2).
    let isInterleaved: Bool
    /// `[position, dimensions / 2]`, times the embedding's magnitude.
    let cosines: UnsafePointer<Float>
    /// `[position, dimensions / 2]`, times the embedding's magnitude.
    let sines: UnsafePointer<Float>

    /// Rotates `heads` head vectors of each row of x in place.
    /// - Parameters:
    ///   - x: `[rows, heads, d_head]`, rows `stride` apart.
    ///   - positions: row `i` is at `positions[i % period]`.
    ///   - transposed: turns back instead, for gradients (lengths change as they do forwards).
    package func apply(
        to x: UnsafeMutablePointer<Float>, rows: Int, stride: Int, heads: Int, headWidth: Int,
        positions: UnsafePointer<Int32>, period: Int, transposed: Bool = false
    ) {
        ckernels_rotate(
            x, rows, stride, heads, headWidth, dimensions, positions, period, cosines, sines,
            isInterleaved ? 1 : 0, transposed ? 1 : 0)
    }
}

/// The cosines and sines of a rotary position embedding.
final class RotationTables: Sendable {
    private let cosines: FloatBuffer
    private let sines: FloatBuffer
    /// What rotates by these tables, while they live.
    let rotation: Rotation

    /// Tables for the positions below `positionCount`, made on these threads.
    init(_ embedding: RotaryEmbedding, positionCount: Int, pool: WorkerPool) {
        let frequencies = embedding.inverseFrequencies
        let half = frequencies.count
        let cosines = FloatBuffer(count: positionCount * half)
        let sines = FloatBuffer(count: positionCount * half)
        let slice = 256
        pool.run((positionCount + slice - 1) / slice) { _, piece in
            for position in piece * slice..<min(positionCount, (piece + 1) * slice) {
                for (index, frequency) in frequencies.enumerated() {
                    // The angle is rounded to float32 first, as every implementation in PyTorch does.
                    let angle = Double(Float(position) * frequency)
                    cosines.values[position * half + index] =
                        Float(cos(angle)) * embedding.magnitude
                    sines.values[position * half + index] = Float(sin(angle)) * embedding.magnitude
                }
            }
        }
        (self.cosines, self.sines) = (cosines, sines)
        rotation = Rotation(
            dimensions: embedding.dimensions, isInterleaved: embedding.pairing == .interleaved,
            cosines: cosines.values, sines: sines.values)
    }
}
