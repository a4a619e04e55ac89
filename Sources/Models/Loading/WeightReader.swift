import Basics
import CKernels

/// Turns stored tensors into weights. Matrices that lie aligned in the file, in the format that they are
/// held in, are used in place; all else is converted into one block of memory, on all cores, when
/// `finish()` is called.
///
/// Every request checks the tensor's shape, and every value is checked to be finite.
final class WeightReader {
    private let catalog: TensorCatalog
    private let precision: WeightPrecision
    private let storage: WeightStorage
    private var used = 0
    private var jobs: [ConversionJob] = []
    private var asked: Set<String> = []
    /// What people should be told about the weights, a line each.
    private(set) var warnings: [String] = []

    init(
        _ catalog: TensorCatalog, precision: WeightPrecision = .asStored
    ) throws(Failure) {
        self.catalog = catalog
        self.precision = precision
        // Room for every tensor once, and for the gaps that align up to three parts of it: memory
        // that stays untouched takes none.
        let counts = catalog.tensors.values.map {
            $0.type == nil ? 0 : $0.count + 3 * Self.alignment
        }
        storage = try WeightStorage(count: counts.reduce(0, +))
    }

    private static let alignment = 64 / MemoryLayout<Float>.stride

    /// Whether there is a tensor of that name.
    func has(_ name: String) -> Bool { catalog[name] != nil }

    /// The names of the tensors that nobody has asked for.
    var unasked: [String] { catalog.tensors.keys.filter { !asked.contains($0) } }

    private func tensor(_ name: String, shape: [Int]) throws(Failure) -> StoredTensor {
        asked.insert(name)
        return try catalog.tensor(name, shape: shape)
    }

    /// A matrix, whose rows in the file are its outputs (or inputs) in the order asked for.
    /// - Parameters:
    ///   - storedRows: rows of the tensor, where it holds more than this matrix.
    ///   - sourceRow: which row of the file a row of the matrix is; by default, the same.
    func weight(
        _ name: String, inputs: Int, outputs: Int, layout: Weight.Layout = .outputMajor,
        storedRows: Int? = nil, sourceRow: ((Int) -> Int)? = nil
    ) throws(Failure) -> Weight {
        let rows = layout == .outputMajor ? outputs : inputs
        let columns = layout == .outputMajor ? inputs : outputs
        let tensor = try tensor(name, shape: [storedRows ?? rows, columns])
        return Weight(
            values: values(of: tensor, rows: rows, columns: columns, sourceRow: sourceRow),
            inputs: inputs, outputs: outputs, layout: layout)
    }

    /// A table of `count` rows.
    func table(_ name: String, count: Int, dModel: Int) throws(Failure) -> EmbeddingTable {
        let tensor = try tensor(name, shape: [count, dModel])
        return EmbeddingTable(
            values: values(of: tensor, rows: count, columns: dModel, sourceRow: nil), count: count,
            dModel: dModel)
    }

    /// A vector, read at once. It is copied: one page of a file that stays in use keeps many.
    /// - Parameters:
    ///   - storedCount: length of the tensor, where it holds more than this vector.
    ///   - sourceIndex: which value of the file a value is.
    ///   - adding: what is added to each value.
    func vector(
        _ name: String, count: Int, storedCount: Int? = nil, adding: Float = 0,
        sourceIndex: ((Int) -> Int)? = nil
    ) throws(Failure) -> Vector {
        let tensor = try tensor(name, shape: [storedCount ?? count])
        let stored = try catalog.floats(of: tensor)
        let values = allocate(count)
        for index in 0..<count { values[index] = stored[sourceIndex?(index) ?? index] + adding }
        return Vector(values: values, count: count)
    }

    /// A linear map: the matrix `name.weight` and, unless it has none, its bias `name.bias`.
    /// - Parameters:
    ///   - storedOutputs: outputs of the stored map, where it holds more than this one.
    ///   - sourceOutput: which output of the stored map an output is; by default, the same.
    func affine(
        _ name: String, inputs: Int, outputs: Int, layout: Weight.Layout = .outputMajor,
        hasBias: Bool = true, storedOutputs: Int? = nil, sourceOutput: ((Int) -> Int)? = nil
    ) throws(Failure) -> Affine {
        Affine(
            weight: try weight(
                name + ".weight", inputs: inputs, outputs: outputs, layout: layout,
                storedRows: storedOutputs, sourceRow: sourceOutput),
            bias: hasBias
                ? try vector(
                    name + ".bias", count: outputs, storedCount: storedOutputs,
                    sourceIndex: sourceOutput) : nil)
    }

    /// The gain of a normalisation, `name.weight`, and, unless it has none, its bias `name.bias`.
    /// - Parameter offset: what is added to the stored gain.
    func norm(
        _ name: String, width: Int, hasBias: Bool = true, addingToGain offset: Float = 0
    ) throws(Failure) -> NormWeights {
        NormWeights(
            gain: try vector(name + ".weight", count: width, adding: offset),
            bias: hasBias ? try vector(name + ".bias", count: width) : nil)
    }

    /// The unembedding: the token embedding again where the two are tied, else the matrix
    /// `name.weight`.
    ///
    /// Where the two are said to be tied and the file has another matrix nevertheless, that is taken,
    /// as `transformers` 5 does.
    func unembedding(
        _ name: String, isTied: Bool, to embedding: EmbeddingTable, named embeddingName: String
    ) throws(Failure) -> Affine {
        let own = name + ".weight"
        if isTied {
            guard let stored = catalog[own] else {
                return Affine(weight: embedding.asUnembedding)
            }
            if let tied = catalog[embeddingName + ".weight"], tied.isEqual(to: stored) {
                asked.insert(own)
                return Affine(weight: embedding.asUnembedding)
            }
            warnings.append(
                "\(catalog.path): the embeddings are said to be tied, and the file has a tensor "
                    + "\(own) that differs: it is used, as transformers 5 does and some versions "
                    + "before it don't")
        }
        return try affine(
            name, inputs: embedding.dModel, outputs: embedding.count, hasBias: false)
    }

    /// Converts and checks what was asked for, and returns what keeps the weights alive.
    /// - Parameter releasingPages: whether the memory of weights that are used in place is given back
    ///   after they were checked.
    func finish(releasingPages: Bool) throws(Failure) -> [AnyObject & Sendable] {
        if let bad = ConversionJob.run(jobs, releasingPages: releasingPages) {
            throw catalog.notFinite(jobs[bad.job].tensor, at: bad.index)
        }
        var files: [ObjectIdentifier: MappedFile] = [:]
        for tensor in catalog.tensors.values { files[ObjectIdentifier(tensor.file)] = tensor.file }
        // Tensors that were converted aren't looked at again.
        if jobs.contains(where: { $0.result != nil }) {
            for file in files.values { file.releasePages() }
        }
        return [storage] + Array(files.values)
    }

    private func values(
        of tensor: StoredTensor, rows: Int, columns: Int, sourceRow: ((Int) -> Int)?
    ) -> StoredValues {
        let format = precision.format(of: tensor.type)
        if sourceRow == nil, let values = inPlace(tensor, format) {
            jobs.append(
                ConversionJob(
                    tensor: tensor, result: nil, format: format, columns: columns, rows: nil))
            return values
        }
        let result = allocate((rows * columns * format.bytes + 3) / 4)
        jobs.append(
            ConversionJob(
                tensor: tensor, result: result, format: format, columns: columns,
                rows: sourceRow.map { (0..<rows).map($0) }))
        return StoredValues(result, format)
    }

    /// The tensor's own bytes, if they are aligned and of the format that is wanted.
    private func inPlace(_ tensor: StoredTensor, _ format: NumberFormat) -> StoredValues? {
        guard tensor.type?.format == format, let base = tensor.bytes.baseAddress,
            Int(bitPattern: base).isMultiple(of: format.bytes)
        else { return nil }
        return StoredValues(base, format)
    }

    /// Aligned room for so many float32; each tensor has its own, so that there is enough.
    private func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        precondition(count <= storage.count - used, "a tensor was converted twice")
        defer { used += (count + Self.alignment - 1) / Self.alignment * Self.alignment }
        return storage.values + used
    }
}
