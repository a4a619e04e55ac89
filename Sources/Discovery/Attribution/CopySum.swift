import CKernels
import Engine

/// Adds up what the runs of a pair that go side by side have of gradients.
struct CopySum: Sendable {
    /// The rows of the pairs, without copies.
    let rows: RowLayout
    /// Runs of each pair.
    let copies: Int
    /// How many of them count, from the first.
    private(set) var used: Int
    let dModel: Int

    /// The sum over all runs of each pair.
    init(rows: RowLayout, copies: Int, dModel: Int) {
        self.rows = rows
        self.copies = copies
        used = copies
        self.dModel = dModel
    }

    /// The sum over the first runs of each pair.
    func ofFirst(_ used: Int) -> CopySum {
        var sum = self
        sum.used = used
        return sum
    }

    /// What the first run of each pair has, `[row, width]`: in `scratch`, or where it is if every pair
    /// has one run.
    func first(
        of values: UnsafePointer<Float>, width: Int, in scratch: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        if copies == 1 { return values }
        for pair in 0..<rows.promptCount {
            let first = rows.starts[pair] * width
            (scratch + first).update(
                from: values + first * copies, count: rows.length(pair) * width)
        }
        return UnsafePointer(scratch)
    }

    /// Adds `weight` times the sums over runs.
    /// - Parameters:
    ///   - gradients: `[receiver, row of runs, d_model]`.
    ///   - target: `[receiver, row, d_model]`.
    func add(
        _ gradients: UnsafePointer<Float>, receivers: Int = 1, weight: Float = 1,
        to target: UnsafeMutablePointer<Float>
    ) {
        for receiver in 0..<receivers {
            for pair in 0..<rows.promptCount {
                // The runs of a pair lie one after the other.
                let first = (receiver * rows.rowCount + rows.starts[pair]) * dModel
                let count = rows.length(pair) * dModel
                for copy in 0..<used {
                    ckernels_add_scaled(
                        target + first, gradients + first * copies + copy * count, weight, count)
                }
            }
        }
    }

    /// The sums over runs, `[receiver, row, d_model]`: in `scratch`, or where they are if every pair
    /// has one run.
    func callAsFunction(
        _ gradients: UnsafePointer<Float>, receivers: Int = 1,
        in scratch: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        if copies == 1 { return gradients }
        scratch.update(repeating: 0, count: receivers * rows.rowCount * dModel)
        add(gradients, receivers: receivers, to: scratch)
        return UnsafePointer(scratch)
    }
}
