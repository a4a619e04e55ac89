import Models

extension HeadNorm {
    /// The gradient of what one input makes of all heads' vectors before the norm, from that behind it,
    /// in place: `[row, head * d_head]`.
    /// - Parameters:
    ///   - projection: to all heads.
    ///   - x: the normalised input, `[row, d_model]`.
    func applyBackward(
        _ gradients: UnsafeMutablePointer<Float>, through projection: Affine,
        at x: UnsafePointer<Float>, rows: Int, workspace: Workspace
    ) {
        let mark = workspace.mark
        let width = projection.weight.outputs
        let vectors = workspace.take(rows * width)
        let result = workspace.take(rows * width)
        projection.apply(
            x, stride: projection.weight.inputs, to: vectors, stride: width, rows: rows)
        normalizer.applyBackward(
            gradients, at: vectors, to: result, rows: rows * (width / normalizer.width),
            accumulate: false)
        gradients.update(from: result, count: rows * width)
        workspace.reset(to: mark)
    }

    /// What the heads that read one input share on the way back through a norm over all heads.
    struct Origin {
        /// The vectors of all heads before the norm, `[row, head * d_head]`.
        let vectors: UnsafeMutablePointer<Float>
        /// 1 / their root mean square, `[row]`.
        let inverseScales: UnsafeMutablePointer<Float>
        /// The gradient of half the sum of their squares by the input, `[row, d_model]`.
        let squares: UnsafeMutablePointer<Float>
    }

    /// The origin of an input, in the workspace; nil where each head has a norm of its own.
    /// - Parameter x: the normalised input, `[row, d_model]`.
    func origin(of x: UnsafePointer<Float>, rows: Int, in workspace: Workspace) -> Origin? {
        guard let all else { return nil }
        let (inputs, width) = (all.weight.inputs, all.weight.outputs)
        let origin = Origin(
            vectors: workspace.take(rows * width), inverseScales: workspace.take(rows),
            squares: workspace.take(rows * inputs))
        all.apply(x, stride: inputs, to: origin.vectors, stride: width, rows: rows)
        let mark = workspace.mark
        normalizer.apply(
            origin.vectors, to: workspace.take(rows * width), rows: rows,
            inverseScale: origin.inverseScales)
        workspace.reset(to: mark)
        all.weight.applyTransposed(
            origin.vectors, stride: width, to: origin.squares, stride: inputs, rows: rows)
        return origin
    }
}

extension HeadProjection {
    /// The gradient of the projection's input from that of its output before rotation, behind the norm.
    /// - Parameters:
    ///   - dy: `[rows, d_head]`, rows `stride` apart.
    ///   - x: the input, `[rows, d_model]`; not read where there is no norm.
    ///   - origin: of that input, where a norm goes over all heads.
    ///   - dx: `[rows, d_model]`, without gaps.
    func applyBackward(
        _ dy: UnsafePointer<Float>, stride: Int, at x: UnsafePointer<Float>,
        origin: HeadNorm.Origin?, to dx: UnsafeMutablePointer<Float>, rows: Int,
        workspace: Workspace
    ) {
        guard let norm else {
            return applyTransposed(dy, stride: stride, to: dx, rows: rows)
        }
        let mark = workspace.mark
        let width = weights.weight.outputs
        let gradient = workspace.take(rows * width)
        for row in 0..<rows {
            (gradient + row * width).update(from: dy + row * stride, count: width)
        }
        if let origin {
            applyBackward(gradient, through: norm, origin, to: dx, rows: rows)
        } else {
            norm.applyBackward(
                gradient, through: weights, at: x, rows: rows, workspace: workspace)
            applyTransposed(gradient, stride: width, to: dx, rows: rows)
        }
        workspace.reset(to: mark)
    }

    /// The same with a norm over all heads: besides the head's own gradient there is that of the scale,
    /// which all heads' vectors make.
    private func applyBackward(
        _ gradient: UnsafeMutablePointer<Float>, through norm: HeadNorm,
        _ origin: HeadNorm.Origin, to dx: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let (inputs, width) = (weights.weight.inputs, weights.weight.outputs)
        let all = norm.normalizer.width
        if let gain = norm.normalizer.weights.gain {
            for row in 0..<rows {
                (gradient + row * width).multiply(
                    by: gain.values + number * width, count: width)
            }
        }
        gradient.scaleRows(by: origin.inverseScales, rows: rows, columns: width)
        applyTransposed(gradient, stride: width, to: dx, rows: rows)
        for row in 0..<rows {
            let scale = origin.inverseScales[row]
            let along = dot(
                gradient + row * width, origin.vectors + row * all + number * width, count: width)
            (dx + row * inputs).add(
                origin.squares + row * inputs, times: -along * scale * scale / Float(all),
                count: inputs)
        }
    }
}
