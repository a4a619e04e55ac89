import Engine

/// Room for the masks and gradients of the pieces that are evaluated together. Threads write at
/// different pieces.
struct MaskSlots: Sendable {
    /// The pairs that share a mask, piece by piece.
    private let groups: [[Range<Int>]]
    private let edges: Int
    /// Which mask and gradient a piece's first group has.
    private let firstSlots: [Int]
    /// `[edge]` if all share one, `[position, edge]` if each position has one, else `[slot, edge]`.
    private let masks: FloatBuffer
    private let masksAreShared: Bool
    /// `[slot, edge]`; empty if it isn't wanted.
    private let maskGradients: FloatBuffer?
    /// `[piece, sender * d_model]`; empty if it isn't wanted.
    private let ablatedGradients: FloatBuffer?
    private let senderValues: Int

    init(
        _ groups: [[Range<Int>]], edges: Int, masks: EdgeMasks,
        gradients: MaskedEvaluator.Gradients, senderValues: Int
    ) {
        self.groups = groups
        self.edges = edges
        self.senderValues = senderValues
        var firstSlots: [Int] = []
        var slots = 0
        for ofPiece in groups {
            firstSlots.append(slots)
            slots += ofPiece.count
        }
        self.firstSlots = firstSlots
        switch masks {
        case .shared(let mask):
            self.masks = FloatBuffer(mask)
            masksAreShared = true
        case .ofPositions(let masks):
            self.masks = FloatBuffer(count: masks.count * edges)
            for (position, mask) in masks.enumerated() {
                (self.masks.values + position * edges).update(from: mask, count: edges)
            }
            masksAreShared = true
        case .ofPairs:
            self.masks = FloatBuffer(count: slots * edges)
            masksAreShared = false
        }
        maskGradients = gradients.contains(.masks) ? FloatBuffer(zeros: slots * edges) : nil
        ablatedGradients =
            gradients.contains(.ablated) ? FloatBuffer(zeros: groups.count * senderValues) : nil
    }

    /// Writes the masks of a piece's pairs, where they have masks of their own.
    func fill(_ piece: Int, _ masks: EdgeMasks) {
        guard case .ofPairs(let write) = masks else { return }
        for (group, pairs) in groups[piece].enumerated() {
            write(pairs.lowerBound, self.masks.values + (firstSlots[piece] + group) * edges)
        }
    }

    /// The mask of a group of a piece, `[edge]`.
    func mask(_ piece: Int, _ group: Int) -> UnsafePointer<Float> {
        UnsafePointer(masks.values + (masksAreShared ? 0 : (firstSlots[piece] + group) * edges))
    }

    /// Where the gradient by a group's mask goes, `[edge]`.
    func maskGradient(_ piece: Int, _ group: Int) -> UnsafeMutablePointer<Float>? {
        maskGradients.map { $0.values + (firstSlots[piece] + group) * edges }
    }

    /// Where a piece's gradient by the ablated outputs goes, `[sender, d_model]`.
    func ablatedGradient(_ piece: Int) -> UnsafeMutablePointer<Float>? {
        ablatedGradients.map { $0.values + piece * senderValues }
    }

    /// Adds up the pieces' gradients by the ablated outputs, in order.
    func addAblated(to sums: inout [Double]) {
        guard let ablatedGradients else { return }
        for piece in groups.indices {
            let values = ablatedGradients.values + piece * senderValues
            for index in sums.indices { sums[index] += Double(values[index]) }
        }
    }

    /// Hands out the gradients by masks, in the order of pairs.
    func handOut(_ receive: (MaskedEvaluator.MaskGradient) -> Void) {
        for (piece, ofPiece) in groups.enumerated() {
            for (group, pairs) in ofPiece.enumerated() {
                guard let gradient = maskGradient(piece, group) else { continue }
                receive(
                    MaskedEvaluator.MaskGradient(
                        pairs: pairs, mask: mask(piece, group), gradient: gradient))
            }
        }
    }
}
