import Engine

/// Sums over the runs of a pair that go side by side through one pass: `[row of runs, width]` holds
/// for each pair its runs, one after the other, and the sums are `[row, width]`.
struct RunSums: Sendable {
    /// The rows of the pairs, each pair once.
    let rows: RowLayout
    /// Runs of each pair in the pass.
    let runs: Int
    /// How many of them are summed, from the first.
    private(set) var summed: Int
    let dModel: Int

    /// The sums over all runs of each pair.
    init(rows: RowLayout, runs: Int, dModel: Int) {
        self.rows = rows
        self.runs = runs
        summed = runs
        self.dModel = dModel
    }

    /// The sums over the first `count` runs of each pair.
    func ofFirst(_ count: Int) -> RunSums {
        var sums = self
        sums.summed = count
        return sums
    }

    /// The values of the first run of each pair, `[row, width]`: in `scratch`, or where they are if
    /// every pair has one run.
    func firstRun(
        of values: UnsafePointer<Float>, width: Int, in scratch: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        if runs == 1 { return values }
        for pair in 0..<rows.promptCount {
            let first = rows.starts[pair] * width
            (scratch + first).update(
                from: values + first * runs, count: rows.length(pair) * width)
        }
        return UnsafePointer(scratch)
    }

    /// Adds `weight` times the sums.
    /// - Parameters:
    ///   - gradients: `[receiver, row of runs, d_model]`.
    ///   - target: `[receiver, row, d_model]`.
    func add(
        _ gradients: UnsafePointer<Float>, receivers: Int = 1, weight: Float = 1,
        to target: UnsafeMutablePointer<Float>
    ) {
        for receiver in 0..<receivers {
            for pair in 0..<rows.promptCount {
                let first = (receiver * rows.rowCount + rows.starts[pair]) * dModel
                let count = rows.length(pair) * dModel
                for run in 0..<summed {
                    (target + first).add(
                        gradients + first * runs + run * count, times: weight, count: count)
                }
            }
        }
    }

    /// The sums, `[receiver, row, d_model]`: in `scratch`, or where they are if every pair has one
    /// run.
    func sum(
        of gradients: UnsafePointer<Float>, receivers: Int = 1,
        in scratch: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        if runs == 1 { return gradients }
        scratch.update(repeating: 0, count: receivers * rows.rowCount * dModel)
        add(gradients, receivers: receivers, to: scratch)
        return UnsafePointer(scratch)
    }
}
