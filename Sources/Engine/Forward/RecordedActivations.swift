/// The activations of some hook points for a batch of prompts, in packed rows.
package struct RecordedActivations: Sendable {
    /// How the prompts lie in the rows.
    package let layout: RowLayout
    /// `[row, width]` for each hook point.
    package let values: [HookPoint: FloatBuffer]

    /// The activation at a point, `[row, width]`.
    package subscript(point: HookPoint) -> FloatBuffer? { values[point] }
}
