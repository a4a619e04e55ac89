import Engine
package import Graphs

extension SenderOutputs {
    /// Where the rows of one sender are: first value, distance between rows, values a row.
    package func compact(
        _ sender: Node, dHead: Int
    ) -> (values: UnsafePointer<Float>, stride: Int, width: Int) {
        switch sender {
        case .head(let layer, let head):
            let stride = z[layer].count / max(1, layout.rowCount)
            return (UnsafePointer(z[layer].values + head * dHead), stride, dHead)
        case .mlp(let layer):
            let width = mlp[layer].count / max(1, layout.rowCount)
            return (UnsafePointer(mlp[layer].values), width, width)
        case .input, .logits:
            let width = input.count / max(1, layout.rowCount)
            return (UnsafePointer(input.values), width, width)
        }
    }

    /// These outputs minus `other`, array by array.
    package func subtracting(_ other: SenderOutputs) -> SenderOutputs {
        func difference(_ a: FloatBuffer, _ b: FloatBuffer) -> FloatBuffer {
            let result = FloatBuffer(count: a.count)
            result.values.update(from: a.values, minus: b.values, count: a.count)
            return result
        }
        return SenderOutputs(
            layout: layout, input: difference(input, other.input),
            z: zip(z, other.z).map(difference), mlp: zip(mlp, other.mlp).map(difference))
    }
}
