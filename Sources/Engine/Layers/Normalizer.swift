import CKernels
package import Models

/// One of a model's normalisations, ready to run.
package struct Normalizer: Sendable {
    /// LayerNorm, RMSNorm or nothing.
    package let kind: ModelConfiguration.Normalization
    /// Gain and bias.
    package let weights: NormWeights
    /// Width of a row, d_model.
    package let width: Int

    /// A normalisation of rows of `width` values.
    package init(_ kind: ModelConfiguration.Normalization, _ weights: NormWeights, width: Int) {
        self.kind = kind
        self.weights = weights
        self.width = width
    }

    /// Normalises `rows` rows of x `[rows, d_model]` into y, which may be x.
    package func apply(
        _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int,
        inverseScale: UnsafeMutablePointer<Float>? = nil
    ) {
        switch kind {
        case .rmsNorm(let epsilon):
            ckernels_rms_norm(
                y, x, weights.gain?.values, epsilon, rows, width, inverseScale)
        case .layerNorm(let epsilon):
            ckernels_layer_norm(
                y, x, weights.gain?.values, weights.bias?.values, epsilon, rows, width,
                inverseScale)
        case .none:
            if y != x { y.update(from: x, count: rows * width) }
            inverseScale?.update(repeating: 1, count: rows)
        }
    }

    /// Normalises rows of x into y, which may be x, without gain and bias.
    /// - Parameter inverseScale: receives the reciprocal of what each row was divided by.
    func applyWithoutGain(
        _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int,
        inverseScale: UnsafeMutablePointer<Float>
    ) {
        Normalizer(kind, NormWeights(), width: width)
            .apply(x, to: y, rows: rows, inverseScale: inverseScale)
    }

    /// Multiplies rows of y with the gain and adds the bias.
    func applyGain(to y: UnsafeMutablePointer<Float>, rows: Int) {
        for row in 0..<rows {
            if let gain = weights.gain {
                (y + row * width).multiply(by: gain.values, count: width)
            }
            if let bias = weights.bias { (y + row * width).add(bias.values, count: width) }
        }
    }

    /// The linear part, into y: x centred if the normalisation does that, times the gain. Divided
    /// by the root of its variance and with the bias added it is what `apply` gives.
    package func applyLinearPart(
        _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int
    ) {
        var mean: Float = 0
        for row in 0..<rows {
            let (x, y) = (x + row * width, y + row * width)
            if case .layerNorm = kind {
                mean = (0..<width).reduce(0) { $0 + x[$1] } / Float(width)
            }
            for i in 0..<width { y[i] = (x[i] - mean) * (weights.gain?.values[i] ?? 1) }
        }
    }

    /// How y, the output, changes with the input x along dx: the derivative that `applyBackward`
    /// transposes. Both are `[rows, d_model]`; dy must not be dx.
    package func applySlope(
        _ dx: UnsafePointer<Float>, at x: UnsafePointer<Float>,
        to dy: UnsafeMutablePointer<Float>, rows: Int
    ) {
        // Without the gain it is symmetric.
        Normalizer(kind, NormWeights(), width: width)
            .applyBackward(dx, at: x, to: dy, rows: rows, accumulate: false)
        guard let gain = weights.gain else { return }
        for row in 0..<rows { (dy + row * width).multiply(by: gain.values, count: width) }
    }

    /// The gradient dx of the input x from dy, that of the output; adds to dx if `accumulate`.
    package func applyBackward(
        _ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>,
        to dx: UnsafeMutablePointer<Float>, rows: Int, accumulate: Bool
    ) {
        switch kind {
        case .rmsNorm(let epsilon):
            ckernels_rms_norm_backward(
                dx, dy, x, weights.gain?.values, epsilon, rows, width, accumulate ? 1 : 0)
        case .layerNorm(let epsilon):
            ckernels_layer_norm_backward(
                dx, dy, x, weights.gain?.values, epsilon, rows, width, accumulate ? 1 : 0)
        case .none:
            if accumulate {
                dx.add(dy, count: rows * width)
            } else {
                dx.update(from: dy, count: rows * width)
            }
        }
    }
}
