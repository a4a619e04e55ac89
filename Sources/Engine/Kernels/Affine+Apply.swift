package import Models

extension Weight {
    /// `y = scale * x W + keep * y`.
    /// - Parameters:
    ///   - x: `[rows, inputs]`, rows `xStride` apart.
    ///   - y: `[rows, outputs]`, rows `yStride` apart.
    package func apply(
        _ x: UnsafePointer<Float>, stride xStride: Int, to y: UnsafeMutablePointer<Float>,
        stride yStride: Int, rows: Int, scale: Float = 1, keep: Float = 0
    ) {
        BLAS.multiply(
            x, stride: xStride, weights: values, stride: stride, into: y, stride: yStride,
            rows: rows,
            columns: outputs, inner: inputs, transposeB: layout == .outputMajor, scale: scale,
            keep: keep)
    }

    /// `dx = dy Wᵀ + keep * dx`: the gradient of the input from that of the output.
    /// - Parameters:
    ///   - dy: `[rows, outputs]`, rows `dyStride` apart.
    ///   - dx: `[rows, inputs]`, rows `dxStride` apart.
    package func applyTransposed(
        _ dy: UnsafePointer<Float>, stride dyStride: Int, to dx: UnsafeMutablePointer<Float>,
        stride dxStride: Int, rows: Int, keep: Float = 0
    ) {
        BLAS.multiply(
            dy, stride: dyStride, weights: values, stride: stride, into: dx, stride: dxStride,
            rows: rows,
            columns: inputs, inner: outputs, transposeB: layout == .inputMajor, keep: keep)
    }

    /// Adds `scale` times the weights of one output, `[inputs]`, to y.
    package func addColumn(
        _ output: Int, scaledBy scale: Float, to y: UnsafeMutablePointer<Float>
    ) {
        let column = outputs(output..<output + 1)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: inputs) { wide in
            guard let wide = wide.baseAddress else { return }
            switch layout {
            case .outputMajor:
                column.values.copy(inputs, to: wide)
                y.add(wide, times: scale, count: inputs)
            case .inputMajor:
                column.values.copy(inputs, stride: stride, to: wide)
                for i in 0..<inputs { y[i] += scale * wide[i] }
            }
        }
    }
}

extension Affine {
    /// `y = x W + b`.
    package func apply(
        _ x: UnsafePointer<Float>, stride xStride: Int, to y: UnsafeMutablePointer<Float>,
        stride yStride: Int, rows: Int
    ) {
        weight.apply(x, stride: xStride, to: y, stride: yStride, rows: rows)
        if let bias {
            y.addToRows(bias.values, rows: rows, columns: weight.outputs, stride: yStride)
        }
    }
}
