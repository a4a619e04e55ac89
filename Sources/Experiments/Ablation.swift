package import Basics
package import Engine

/// What takes the place of a sender's output where an edge is cut.
package enum Ablation: String, Hashable, Sendable, CaseIterable, NamedChoice {
    package static var noun: String { "ablation" }

    /// Its output on the corrupted prompt, at the same position (interchange ablation).
    case resample
    /// Zero.
    case zero
    /// Its mean over the pairs and positions of the corrupted prompts (as the IOI paper takes it).
    case mean
    /// Its mean over the pairs of the corrupted prompts, position by position.
    case meanPositional = "mean-positional"
    /// A constant that was fitted to lose as little as possible (`OptimalAblation`).
    case optimal

    /// The ablated outputs of all senders, row by row like the clean ones.
    /// - Parameters:
    ///   - constants: those of optimal ablation; the other ablations need none.
    ///   - prompts: those that means are taken over; by default all.
    /// - Throws: `Failure` where the constants are missing.
    package func outputs(
        clean: SenderOutputs, corrupted: SenderOutputs, constants: SenderConstants? = nil,
        meansOver prompts: [Int]? = nil
    ) throws(Failure) -> SenderOutputs {
        guard self == .optimal else {
            return corrupted.map { replacement(of: $0, corrupted.layout, prompts) }
        }
        guard let constants else { throw Self.notFitted }
        return constants.outputs(corrupted.layout)
    }

    /// What takes the place of an activation `[row, ...]` at a hook point, from what it is on the
    /// corrupted prompts.
    /// - Throws: `Failure` where the constants of optimal ablation are missing.
    package func replacement(
        of corrupted: FloatBuffer, _ layout: RowLayout, at point: HookPoint,
        constants: SenderConstants?
    ) throws(Failure) -> FloatBuffer {
        guard self == .optimal else { return replacement(of: corrupted, layout) }
        guard let constants else { throw Self.notFitted }
        guard let constant = constants.constant(at: point) else {
            throw Failure(
                .usage,
                "optimal ablation has constants for heads (z) and MLPs (mlp_out), not for "
                    + "\(point.name)")
        }
        return constant.repeated(layout.rowCount)
    }

    private static let notFitted = Failure(
        .usage, "optimal ablation needs constants that were fitted before; choose another ablation")

    private func replacement(
        of corrupted: FloatBuffer, _ layout: RowLayout, _ prompts: [Int]? = nil
    ) -> FloatBuffer {
        let prompts = prompts ?? Array(0..<layout.promptCount)
        return switch self {
        case .resample, .optimal: corrupted
        case .zero: FloatBuffer(zeros: corrupted.count)
        case .mean: Self.mean(of: corrupted, layout, over: prompts) { _ in 0 }
        case .meanPositional: Self.mean(of: corrupted, layout, over: prompts) { $0 }
        }
    }

    /// Every row replaced by the mean of those rows of some prompts whose positions are in the same
    /// class.
    private static func mean(
        of values: FloatBuffer, _ layout: RowLayout, over prompts: [Int],
        classOf: (_ position: Int) -> Int
    ) -> FloatBuffer {
        let width = values.count / max(1, layout.rowCount)
        let classes = (0..<layout.longest).map(classOf)
        let classCount = (classes.max() ?? 0) + 1
        let sums = FloatBuffer(zeros: classCount * width)
        var counts = [Int](repeating: 0, count: classCount)
        for prompt in prompts {
            for (position, row) in layout.rows(prompt).enumerated() {
                (sums.values + classes[position] * width).add(
                    values.values + row * width, count: width)
                counts[classes[position]] += 1
            }
        }
        for index in 0..<classCount where counts[index] > 0 {
            (sums.values + index * width).scale(by: 1 / Float(counts[index]), count: width)
        }
        let result = FloatBuffer(count: values.count)
        for prompt in 0..<layout.promptCount {
            for (position, row) in layout.rows(prompt).enumerated() {
                (result.values + row * width).update(
                    from: sums.values + classes[position] * width, count: width)
            }
        }
        return result
    }
}
