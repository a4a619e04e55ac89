/// An activation as the forward pass hands it to a hook: the rows of a few prompts.
public struct ActivationBlock {
    /// `[rows, width]`, without gaps; what the hook writes here is what the pass goes on with.
    public let values: UnsafeMutablePointer<Float>
    /// The packed rows of the whole batch that these are.
    public let rows: Range<Int>
    /// The prompts of the whole batch that they belong to.
    public let prompts: Range<Int>
    /// Values a row.
    public let width: Int
}

/// Code that reads or replaces activations during a forward pass.
///
/// Blocks of different prompts come from different threads at the same time.
public struct ForwardHooks: Sendable {
    /// The hook points at which `body` is called.
    public var points: Set<HookPoint>
    /// Reads or changes an activation.
    public var body: @Sendable (HookPoint, ActivationBlock) -> Void

    /// Calls `body` at these points.
    public init(
        at points: Set<HookPoint>, _ body: @escaping @Sendable (HookPoint, ActivationBlock) -> Void
    ) {
        self.points = points
        self.body = body
    }

    /// Nothing to read, nothing to replace.
    public static let none = ForwardHooks(at: []) { _, _ in }
}

/// The activations of some hook points for a batch of prompts, in packed rows.
public struct RecordedActivations: Sendable {
    /// How the prompts lie in the rows.
    public let layout: RowLayout
    /// `[row, width]` for each hook point.
    public let values: [HookPoint: FloatBuffer]

    /// The activation at a point, `[row, width]`.
    public subscript(point: HookPoint) -> FloatBuffer? { values[point] }
}
