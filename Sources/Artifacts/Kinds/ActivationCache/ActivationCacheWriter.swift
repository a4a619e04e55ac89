import Basics
import Crypto
import HDF5

/// Writes an activation cache batch by batch, so that memory holds no more than one batch.
///
/// Make a writer with the shapes of all activations, `append` those of each hook and run in the order
/// of the pairs, and `finish`. The file appears at the output's path then; a writer that is released
/// without `finish` leaves no file. One whose process is killed leaves a file from which another goes
/// on after the last whole batch, unless its output is a stream.
package final class ActivationCacheWriter {
    let description: ActivationCacheDescription
    let pending: PendingOutput
    /// Nil once it is closed, before it is renamed.
    var file: File?
    var content: ContentGroup
    var columns: [String: Column]
    let pairCount: Int
    let layout: ActivationLayout
    /// Compressed chunks aren't mapped, and are small where prompts or models are.
    var placement: File.Placement { layout == .contiguous ? .pages : .packed }
    /// Which batches are whole; nil where a killed run leaves nothing to go on with.
    var progress: CacheProgress?

    /// Bytes of activations since the system was last told to begin with moving them to the disk.
    private var waitingBytes = 0
    private static let mostWaitingBytes = 16 << 20

    /// One dataset of activations, and how much of it is written.
    struct Column {
        var shape: [Int]
        var written = 0
        var hash = SHA256()
    }

    /// Creates the file with all its datasets, empty.
    ///
    /// - Parameters:
    ///   - output: where the cache is written.
    ///   - dataset: the dataset it is made from, which is stored in it.
    ///   - description: what it depends on.
    ///   - shapes: the shape of each activation without its pairs, `[position, ...]`, of attention
    ///     scores and patterns `[head, position, key_position]`, by hook name; exactly the hooks of
    ///     the description.
    ///   - layout: how activations are stored.
    ///   - isResuming: whether it goes on with what a killed run of the same inputs left.
    /// - Throws: `usage` where these contradict each other, `io` where there is no room for it.
    package init(
        to output: ArtifactOutput, dataset: Artifact<DatasetArtifact>,
        description: ActivationCacheDescription, shapes: [String: [Int]],
        layout: ActivationLayout = .contiguous, resuming isResuming: Bool = false
    ) throws(ArtifactError) {
        let positions = description.positions.shape
        try require(
            positions.count == 2 && positions[0] == dataset.content.pairCount,
            "positions that aren't those of the dataset's \(dataset.content.pairCount) pairs")
        try require(
            shapes.keys.sorted() == description.hooks, "shapes that aren't those of the hooks")
        pairCount = positions[0]
        self.description = description
        self.layout = layout
        content = try description.content(dataset: dataset)
        columns = [:]
        let canResume = !output.isStream
        let inputsDigest = description.inputsDigest
        pending = try PendingOutput(
            output,
            adopting: { path in
                isResuming && canResume && CacheProgress.isLeft(at: path, ofInputs: inputsDigest)
            })
        for (hook, shape) in shapes {
            try requireName(hook)
            try require(
                Self.positionCount(shape, of: hook) == positions[1] && shape.allSatisfy { $0 >= 0 },
                "the hook \(hook) hasn't the \(positions[1]) positions of the cache")
        }
        // What is left and can't be read after all is made anew.
        if pending.isAdopted {
            if (try? restore(shapes)) != nil { return }
            file = nil
        }
        file = try pending.create(placement: placement)
        if canResume { try holdStructure() }
        columns = [:]
        for run in ActivationRun.allCases {
            for (hook, shape) in shapes.sorted(by: { $0.key < $1.key }) {
                try create(hook, run, shape: [pairCount] + shape, layout: layout)
            }
        }
        if canResume, pairCount > 0 { try startProgress() }
    }

    /// The number of positions of an activation of this shape, without its pairs.
    private static func positionCount(_ shape: [Int], of hook: String) -> Int? {
        let axis = HookAxes.positionAxis(of: hook) - 1
        return shape.indices.contains(axis) ? shape[axis] : nil
    }

    /// Appends activations of the next pairs: `values` is `[pairs, position, ...]`, of attention scores
    /// and patterns `[pairs, head, position, key_position]`, row-major, with 0 at padding.
    ///
    /// - Throws: `usage` where they aren't whole pairs, or more than there are; `badData` where one
    ///   isn't finite, or is too large for the precision; `io` where the disk is full.
    package func append(
        _ values: UnsafeBufferPointer<Float>, to hook: String, run: ActivationRun
    ) throws(ArtifactError) {
        let path = "\(run.rawValue)/\(hook)"
        guard var column = columns[path] else {
            throw ArtifactError(.usage, "the hook \(hook) was not declared")
        }
        let width = column.shape.dropFirst().reduce(1, *)
        let rows = width == 0 ? 0 : values.count / width
        try require(
            rows * width == values.count && column.written + rows <= pairCount,
            "\(values.count) values of \(hook) aren't those of the next pairs")
        guard rows > 0 else { return }
        try checkFiniteness(values, of: hook, path: path, width: width, first: column.written)
        let range = column.written..<column.written + rows
        try withRoot { (root) throws(HDF5Error) in
            try root.dataset(path).write(
                values, as: description.precision, rows: range, hash: &column.hash)
        }
        column.written += rows
        columns[path] = column
        beginWriteback(after: values.count * description.precision.elementType.size)
        try noteProgress(of: run, to: column.written)
    }

    /// The disk works while the next activations are made and hashed.
    private func beginWriteback(after count: Int) {
        waitingBytes += count
        guard waitingBytes >= Self.mostWaitingBytes else { return }
        waitingBytes = 0
        file?.beginWriteback()
    }

    /// How many pairs of a run are whole.
    package func writtenPairs(of run: ActivationRun) -> Int {
        paths(of: run).compactMap { columns[$0]?.written }.min() ?? 0
    }

    /// Where a killed run leaves what the next one goes on with; nil where it leaves nothing.
    package var partialPath: String? { progress == nil ? nil : pending.temporaryPath }

    func paths(of run: ActivationRun) -> [String] {
        description.hooks.map { "\(run.rawValue)/\($0)" }
    }

    /// Refuses what later steps would refuse: values that aren't finite, or won't be as they are stored.
    /// Attention scores may be -infinity.
    private func checkFiniteness(
        _ values: UnsafeBufferPointer<Float>, of hook: String, path: String, width: Int, first: Int
    ) throws(ArtifactError) {
        let greatest = description.precision.greatestFiniteMagnitude
        let mayBeMinusInfinity = HookAxes.holdsMinusInfinity(hook)
        // Without an early exit, so that the compiler vectorises the loop.
        var bad = 0
        for value in values { bad |= value.magnitude <= greatest ? 0 : 1 }
        guard bad != 0 else { return }
        let index = values.firstIndex {
            !($0.magnitude <= greatest) && !(mayBeMinusInfinity && $0 == -.infinity)
        }
        guard let index else { return }
        let value = values[index]
        throw ArtifactError(
            .badData, path: "/" + path,
            "a value of pair \(first + index / width) is \(value), "
                + (value.isFinite
                    ? "too large for \(description.precision.rawValue): take bfloat16 or float32"
                    : "so the model's numbers overflow on these prompts"))
    }

    /// Completes the cache and moves it to the output's path.
    ///
    /// - Parameters:
    ///   - provenance: how the cache came to be.
    ///   - former: a file whose notes are copied.
    /// - Returns: its digest.
    /// - Throws: `usage` where activations are missing, `io` where it can't be written.
    @discardableResult
    package func finish(
        provenance: Provenance, notesOf former: ArtifactFile? = nil
    ) throws(ArtifactError) -> String {
        for (path, column) in columns.sorted(by: { $0.key < $1.key }) {
            try require(
                column.written == pairCount || column.shape.contains(0),
                "\(path) has activations of \(column.written) of \(pairCount) pairs")
        }
        do throws(ArtifactError) {
            try writeDigests()
            try content.complete(as: .activationCache, provenance: provenance)
            let errors = SchemaValidator.diagnose(
                content, against: try ArtifactKind.activationCache.schema())
            if let error = errors.first(where: { $0.severity == .error }) {
                throw ArtifactError(.internalError, path: error.path, error.message)
            }
            try close(notesOf: former)
        } catch {
            throw pending.named(error)
        }
        try pending.commit()
        return content.optionalText("digest") ?? ""
    }
}
