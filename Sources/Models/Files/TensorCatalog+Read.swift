import Basics
import CKernels

extension TensorCatalog {
    /// The tensor of that name; an error if it isn't there, has another shape, or can't be read.
    func tensor(_ name: String, shape: [Int]) throws(Failure) -> StoredTensor {
        guard let tensor = tensors[name] else {
            throw Failure(.badData, "\(path): no tensor \(name); the model isn't complete")
        }
        guard tensor.shape == shape else {
            throw Failure(
                .badData, "\(path): tensor \(name) has the shape \(tensor.shape), not \(shape)")
        }
        _ = try type(of: tensor)
        return tensor
    }

    /// How a tensor's numbers are stored; an error where they can't be read.
    private func type(of tensor: StoredTensor) throws(Failure) -> NumberType {
        guard let type = tensor.type else {
            throw Failure(
                .badData,
                "\(path): tensor \(tensor.name) is stored in \(tensor.typeName); "
                    + "those that can be read are \(NumberType.readable)")
        }
        return type
    }

    /// A tensor's values in float32, copied, in the order of the file.
    /// - Parameter requiringFinite: whether infinities and what is no number are an error.
    func floats(
        of tensor: StoredTensor, requiringFinite: Bool = true
    ) throws(Failure) -> [Float] {
        let type = try type(of: tensor)
        guard let base = tensor.bytes.baseAddress else { return [] }
        var bad = 0
        let values = [Float](unsafeUninitializedCapacity: tensor.count) { buffer, count in
            guard let memory = buffer.baseAddress else { return }
            ct_dequantize(type.rawValue, base, tensor.count / type.blockValues, memory)
            bad = ct_first_nonfinite(memory, tensor.count)
            count = tensor.count
        }
        guard bad == values.count || !requiringFinite else { throw notFinite(tensor, at: bad) }
        return values
    }

    /// The error that says which value isn't one.
    func notFinite(_ tensor: StoredTensor, at index: Int) -> Failure {
        Failure(
            .badData,
            "\(path): tensor \(tensor.name) is infinite or not a number at value \(index); "
                + "the file is damaged")
    }
}
