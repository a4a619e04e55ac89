import Basics

/// The tensors of one layer's transcoder, whichever names its format gives them.
struct TranscoderTensors {
    private let catalog: TensorCatalog
    private let layer: Int
    private let isArchive: Bool
    private let encoderIsInputMajor: Bool?

    /// - Parameter encoderIsInputMajor: whether encoders lie by input; nil where the format of the file
    ///   tells.
    init(
        _ tensors: [String: StoredTensor], path: String, layer: Int,
        encoderIsInputMajor: Bool? = nil
    ) {
        catalog = TensorCatalog(path: path, tensors: tensors)
        self.layer = layer
        isArchive = path.hasSuffix(".npz")
        self.encoderIsInputMajor = encoderIsInputMajor
    }

    /// The transcoder that the tensors make up.
    func transcoder(
        _ kind: TranscoderSet.Kind, layerCount: Int
    ) throws(Failure) -> Transcoder {
        // Gemma Scope 2 has small letters and encoders by input, Gemma Scope 1 only the latter.
        let isSecondScope = catalog["w_enc"] != nil
        let byInput = encoderIsInputMajor ?? (isSecondScope || isArchive)
        let encoder = try tensor(["W_enc", "W_enc_\(layer)", "w_enc", "encoder.weight"], rank: 2)
        let features = encoder.shape[byInput ? 1 : 0]
        let width = encoder.shape[byInput ? 0 : 1]
        let decoder = try tensor(
            ["W_dec", "W_dec_\(layer)", "w_dec"], rank: kind == .perLayer ? 2 : 3)
        let outputs = kind == .perLayer ? 1 : decoder.shape[1]
        let wanted = kind == .perLayer ? 1 : layerCount - (isSecondScope ? 0 : layer)
        try require(
            decoder, shape: kind == .perLayer ? [features, width] : [features, wanted, width])
        let thresholds = find(["threshold", "activation_function.threshold", "threshold_\(layer)"])
        let skip = try self.skip(kind, width: width)
        return Transcoder(
            encoder: try StoredMatrix(encoder, rows: encoder.shape[0], columns: encoder.shape[1]),
            encoderIsInputMajor: byInput,
            encoderBias: try vector(["b_enc", "b_enc_\(layer)", "encoder.bias"], count: features),
            thresholds: try thresholds.map { (found) throws(Failure) in
                guard found.count == features else { throw wrong(found, [features]) }
                return try catalog.floats(of: found)
            },
            decoder: try StoredMatrix(decoder, rows: features * outputs, columns: width),
            storedOutputs: outputs, firstOutput: isSecondScope && kind == .crossLayer ? layer : 0,
            decoderBias: try vector(["b_dec", "b_dec_\(layer)"], count: width),
            skip: skip?.weight, storage: skip?.storage)
    }

    /// The skip connection: of circuit-tracer's, SAELens's and sparsify's `[d_out, d_in]`, of Gemma Scope 2 `[d_in, d_out]`.
    private func skip(
        _ kind: TranscoderSet.Kind, width: Int
    ) throws(Failure) -> (weight: Weight, storage: WeightStorage)? {
        let isAffine = catalog["affine_skip_connection"] != nil
        // circuit-tracer neither writes nor reads one in its cross-layer format.
        guard isAffine || kind == .perLayer,
            let found = find(["W_skip", "affine_skip_connection"])
        else { return nil }
        try require(found, shape: [width, width])
        let storage = try WeightStorage(try catalog.floats(of: found))
        return (
            storage.weight(
                inputs: width, outputs: width, layout: isAffine ? .inputMajor : .outputMajor),
            storage
        )
    }

    private func find(_ names: [String]) -> StoredTensor? {
        names.lazy.compactMap { catalog[$0] }.first
    }

    private func tensor(_ names: [String], rank: Int) throws(Failure) -> StoredTensor {
        guard let found = find(names) else {
            throw Failure(
                .badData,
                "\(catalog.path): no tensor \(names[0]); it isn't a transcoder of a known layout")
        }
        guard found.shape.count == rank else {
            throw Failure(
                .badData,
                "\(catalog.path): tensor \(found.name) has the shape \(found.shape), not \(rank) axes"
            )
        }
        return found
    }

    private func vector(_ names: [String], count: Int) throws(Failure) -> [Float] {
        let found = try tensor(names, rank: 1)
        try require(found, shape: [count])
        return try catalog.floats(of: found)
    }

    private func require(_ found: StoredTensor, shape: [Int]) throws(Failure) {
        guard found.shape == shape else { throw wrong(found, shape) }
    }

    private func wrong(_ found: StoredTensor, _ shape: [Int]) -> Failure {
        Failure(
            .badData,
            "\(catalog.path): tensor \(found.name) has the shape \(found.shape), not \(shape)")
    }
}
