/// A copy of a prompt that goes on from somewhere in the middle of its known run, with something
/// changed there.
///
/// The change reaches later layers alone and, where positions see only those before them, later
/// positions. So a copy is rows of one prompt from a position on, which read the keys and values of
/// the positions before from the known run.
package struct Continuation: Hashable, Sendable {
    /// Which half of a layer a copy starts with.
    package enum Entry: Int, Hashable, Sendable {
        /// Attention: the copy's stream is that before the layer.
        case attention
        /// The MLP: the copy's stream is that between the two. Where a layer's attention and MLP read
        /// the same stream, it is that stream with what attention adds to it, and `mlpIn` is edited.
        case mlp
    }

    /// The prompt.
    package let prompt: Int
    /// The layer that it starts in; the number of layers for a copy of which only the end of the final
    /// stream is changed.
    package let layer: Int
    /// Where in the layer.
    package let entry: Entry
    /// The first position that is changed.
    package let first: Int
    /// An activation of its first layer that is changed besides the stream: `query`, `key`, `value`
    /// (as hooks see them, before norm and rotation), `pattern`, `z` or `mlpIn`.
    package let edit: HookPoint.BlockPoint?

    /// A copy that starts here.
    package init(
        prompt: Int, layer: Int, entry: Entry = .attention, first: Int,
        edit: HookPoint.BlockPoint? = nil
    ) {
        self.prompt = prompt
        self.layer = layer
        self.entry = entry
        self.first = first
        self.edit = edit
    }

    /// Where it starts: greater for later starts.
    package var stage: Int { 2 * layer + entry.rawValue }
}

/// An activation of one copy, to be changed in place.
package struct EditedRows {
    /// The row of the first of `positions`; of a pattern, a row of keys `[key_position]`.
    package let values: UnsafeMutablePointer<Float>
    /// How far the rows lie apart.
    package let stride: Int
    /// The positions that the rows are of: those that anything reads.
    package let positions: Range<Int>
    /// The head that a pattern is of; 0 for other activations, which have all heads in a row.
    package let head: Int

    /// Rows of these positions.
    package init(
        values: UnsafeMutablePointer<Float>, stride: Int, positions: Range<Int>, head: Int = 0
    ) {
        self.values = values
        self.stride = stride
        self.positions = positions
        self.head = head
    }
}

/// What is changed of copies of prompts. Both are called from several threads at the same time.
package struct ContinuationChanges: Sendable {
    /// Writes the stream that a copy starts with, `[position, d_model]`.
    package var fill:
        @Sendable (
            _ copy: Int, _ positions: Range<Int>, _ stream: UnsafeMutablePointer<Float>,
            _ workspace: Workspace
        ) -> Void
    /// Changes the activation that a copy's `edit` names: once, or of patterns once for every head.
    package var edit: @Sendable (_ copy: Int, EditedRows, Workspace) -> Void

    /// Starts copies with what `fill` writes, and changes what is edited by `edit`.
    package init(
        fill: @escaping @Sendable (Int, Range<Int>, UnsafeMutablePointer<Float>, Workspace) -> Void,
        edit: @escaping @Sendable (Int, EditedRows, Workspace) -> Void = { _, _, _ in }
    ) {
        self.fill = fill
        self.edit = edit
    }
}
