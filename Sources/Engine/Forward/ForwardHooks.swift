/// An activation as the forward pass hands it to a hook: the rows of a few prompts.
package struct ActivationBlock {
    /// `[rows, width]`, without gaps; what the hook writes here is what the pass goes on with.
    package let values: UnsafeMutablePointer<Float>
    /// The packed rows of the whole batch that these are.
    package let rows: Range<Int>
    /// The prompts of the whole batch that they belong to.
    package let prompts: Range<Int>
    /// Values a row.
    package let width: Int
}

/// Code that reads or replaces activations during a forward pass.
///
/// Blocks of different prompts come from different threads at the same time.
package struct ForwardHooks: Sendable {
    /// The hook points at which `body` is called.
    package var points: Set<HookPoint>
    /// Reads or changes an activation.
    package var body: @Sendable (HookPoint, ActivationBlock) -> Void

    /// Calls `body` at these points.
    package init(
        at points: Set<HookPoint>, _ body: @escaping @Sendable (HookPoint, ActivationBlock) -> Void
    ) {
        self.points = points
        self.body = body
    }

    /// Nothing to read, nothing to replace.
    package static let none = ForwardHooks(at: []) { _, _ in }
}
