import CKernels
import Models

extension Transformer {
    /// Writes the token embeddings of `tokens` into x `[token, d_model]`.
    package func embed(_ tokens: [Int32], to x: UnsafeMutablePointer<Float>) {
        let dModel = configuration.dModel
        for (row, token) in tokens.enumerated() {
            model.tokenEmbedding.copy(
                rows: Int(token)..<Int(token) + 1, to: x + row * dModel)
        }
        if let scale = configuration.embeddingScale {
            x.scale(by: scale, count: tokens.count * dModel)
        }
    }

    /// The stream before the first layer, `[row, d_model]`, for prompts that the model can read.
    package func embeddings(of prompts: [[Int32]]) -> FloatBuffer {
        let dModel = configuration.dModel
        let positions = configuration.positions == .learned ? model.positionEmbedding : nil
        let longest = positions == nil ? 0 : prompts.map(\.count).max() ?? 0
        let ofPositions = FloatBuffer(count: longest * dModel)
        positions?.copy(rows: 0..<longest, to: ofPositions.values)
        let result = FloatBuffer(count: prompts.reduce(0) { $0 + $1.count } * dModel)
        var row = result.values
        for prompt in prompts {
            embed(prompt, to: row)
            if positions != nil { row.add(ofPositions.values, count: prompt.count * dModel) }
            row += prompt.count * dModel
        }
        return result
    }

    /// Writes the position embeddings of rows at `positions` into x `[row, d_model]`.
    func embedPositions(
        _ positions: UnsafePointer<Int32>, rows: Int, to x: UnsafeMutablePointer<Float>
    ) {
        guard let table = model.positionEmbedding else { return }
        let dModel = configuration.dModel
        for row in 0..<rows {
            let position = Int(positions[row])
            table.copy(rows: position..<position + 1, to: x + row * dModel)
        }
    }

    /// Caps logits in place where the model does (Gemma 2).
    package func softCap(_ logits: UnsafeMutablePointer<Float>, count: Int) {
        if let cap = configuration.logitSoftcap { ckernels_soft_cap(logits, cap, count) }
    }

    /// Turns the gradient of capped logits into that of the logits before their cap.
    package func softCapBackward(
        _ gradient: UnsafeMutablePointer<Float>, at logits: UnsafePointer<Float>, count: Int
    ) {
        if let cap = configuration.logitSoftcap {
            ckernels_soft_cap_backward(gradient, logits, 1 / cap, count)
        }
    }
}
