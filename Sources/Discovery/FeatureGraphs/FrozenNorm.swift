import Engine
import Models

/// A normalisation with its scales held constant: a linear map of each position.
struct FrozenNorm: Sendable {
    /// The norm.
    let norm: Normalizer
    /// One over the scale of each position, `[position]`.
    let inverseScales: [Float]

    /// Freezes a norm at x, `[position, d_model]`.
    init(_ norm: Normalizer, at x: UnsafePointer<Float>, positions: Int, workspace: Workspace) {
        let mark = workspace.mark
        let scales = workspace.take(positions)
        norm.apply(
            x, to: workspace.take(positions * norm.width), rows: positions, inverseScale: scales)
        self.norm = norm
        inverseScales = Array(UnsafeBufferPointer(start: scales, count: positions))
        workspace.reset(to: mark)
    }

    private var isCentring: Bool { if case .layerNorm = norm.kind { true } else { false } }

    /// The gradient of the input from that of the output, added to dx: both `[rows, d_model]`, of one
    /// position.
    /// - Parameter usingGain: whether dy is a gradient after the gain.
    func addBackward(
        _ dy: UnsafePointer<Float>, position: Int, rows: Int, usingGain: Bool = true,
        to dx: UnsafeMutablePointer<Float>
    ) {
        let (scale, width) = (inverseScales[position], norm.width)
        let gain = usingGain ? norm.weights.gain : nil
        for row in 0..<rows {
            let (dy, dx) = (dy + row * width, dx + row * width)
            if let gain {
                dx.addProducts(of: dy, gain.values, times: scale, count: width)
            } else {
                dx.add(dy, times: scale, count: width)
            }
            guard isCentring else { continue }
            let sum =
                gain.map { dot(dy, $0.values, count: width) }
                ?? UnsafeBufferPointer(start: dy, count: width).reduce(0, +)
            let shift = scale * sum / Float(width)
            for index in 0..<width { dx[index] -= shift }
        }
    }

    /// How the output changes where the input changes by dx, `[d_model]`, at a position.
    func apply(
        _ dx: UnsafePointer<Float>, position: Int, usingGain: Bool = true,
        to dy: UnsafeMutablePointer<Float>
    ) {
        let (scale, width) = (inverseScales[position], norm.width)
        var mean: Float = 0
        if isCentring {
            mean = UnsafeBufferPointer(start: dx, count: width).reduce(0, +) / Float(width)
        }
        let gain = usingGain ? norm.weights.gain : nil
        for index in 0..<width {
            dy[index] = (dx[index] - mean) * scale * (gain?.values[index] ?? 1)
        }
    }

    /// The output for the input x, `[d_model]`, at a position: y may be x.
    func applyWithBias(
        _ x: UnsafePointer<Float>, position: Int, to y: UnsafeMutablePointer<Float>
    ) {
        apply(x, position: position, to: y)
        if let bias = norm.weights.bias { y.add(bias.values, count: norm.width) }
    }

    /// Puts the scales that are held in place of a pass's, `[row]`, at the positions that have one.
    func restoreScales(in block: ActivationBlock) {
        for (row, position) in block.rows.enumerated() where position < inverseScales.count {
            block.values[row] = 1 / inverseScales[position]
        }
    }
}
