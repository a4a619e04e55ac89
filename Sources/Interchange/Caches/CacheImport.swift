import Artifacts
import Basics
import Models

/// A file of named arrays that is made a cache: `clean/HOOK` and `corrupted/HOOK`, each `[pair,
/// position, ...]`, of the dataset that `--like` names.
struct CacheImport {
    /// Names that say nothing that the dataset doesn't.
    private static let known: Set = ["clean/ids", "corrupted/ids", "positions"]

    /// The arrays.
    private let arrays: any TensorFile

    /// Opens what is to be made a cache.
    /// - Parameter open: opens a path in the file's format.
    init(_ file: ForeignFile, _ open: (String) throws(Failure) -> any TensorFile) throws(Failure) {
        do {
            arrays = try open(file.path)
        } catch {
            // What standard input is copied to has no name that says anything.
            throw Failure(error.kind, error.description.replacing(file.path, with: file.name))
        }
    }

    /// Whether a file has such names.
    static func recognizes(_ names: [String]) -> Bool {
        names.contains { $0.hasPrefix("clean/") && !known.contains($0) }
    }

    /// Makes the cache.
    func store(_ file: ForeignFile, by job: ReadingJob) throws {
        func bad(_ what: String) -> Failure { Failure(.badData, "\(file.name): \(what)") }
        let like = try job.requireLike(file, for: "which prompts its activations are of")
        guard let dataset = like.dataset else {
            throw Failure(.usage, "\(like.name): name with --like the dataset, or a cache of it")
        }
        let (shapes, precision) = try layout(bad)
        let lengths = dataset.content.lengths
        for (hook, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            guard shape.first == lengths.count else {
                throw bad(
                    "`clean/\(hook)` has the shape \(shape), and \(like.name) has \(lengths.count) pairs"
                )
            }
            let axis = HookAxes.positionAxis(of: hook)
            guard shape.indices.contains(axis), shape[axis] == lengths.max() else {
                throw bad(
                    "`clean/\(hook)` has the shape \(shape), and its axis \(axis) should have the "
                        + "\(lengths.max() ?? 0) positions of the longest prompt of \(like.name)")
            }
        }
        let description = ActivationCacheDescription(
            model: dataset.content.model, datasetDigest: dataset.digest, precision: precision,
            hooks: Array(shapes.keys),
            positions: ActivationCacheDescription.allPositions(lengths: lengths))
        let writer = try Result { () throws(ArtifactError) in
            try ActivationCacheWriter(
                to: job.output, dataset: dataset, description: description,
                shapes: shapes.mapValues { Array($0.dropFirst()) })
        }.mapError { (error: ArtifactError) -> any Error in
            // What names and shapes say can't be.
            error.kind == .usage ? bad(error.message) : error
        }.get()
        for hook in shapes.keys.sorted() {
            for run in ActivationRun.allCases {
                var values = try arrays.values(
                    of: "\(run.rawValue)/\(hook)", requiringFinite: false
                ).values
                let shape = shapes[hook] ?? []
                clearPadding(&values, shape, hook, lengths)
                try values.withUnsafeBufferPointer { (values) throws in
                    do throws(ArtifactError) {
                        try writer.append(values, to: hook, run: run)
                    } catch {
                        throw Failure(error.kind, "\(file.name), \(error.path): \(error.message)")
                    }
                }
            }
        }
        try writer.finish(provenance: job.provenance(of: file))
    }

    /// The hooks with their shapes, and the number type, which have to be those of both runs.
    private func layout(
        _ bad: (String) -> Failure
    ) throws -> (shapes: [String: [Int]], precision: ActivationPrecision) {
        var shapes: [ActivationRun: [String: [Int]]] = [:]
        var types: Set<String> = []
        for name in arrays.names where !Self.known.contains(name) {
            guard
                let run = ActivationRun.allCases.first(where: { name.hasPrefix($0.rawValue + "/") })
            else {
                throw bad(
                    "`\(name.prefix(80))` is no activation: arrays are called clean/HOOK and corrupted/HOOK"
                )
            }
            guard let (type, shape) = arrays.header(of: name) else {
                throw bad("`\(name)` can't be read")
            }
            shapes[run, default: [:]][String(name.dropFirst(run.rawValue.count + 1))] = shape
            types.insert(type)
        }
        let (clean, corrupted) = (shapes[.clean] ?? [:], shapes[.corrupted] ?? [:])
        let missing = Set(clean.keys).symmetricDifference(corrupted.keys).sorted().first
        if let hook = missing ?? clean.keys.sorted().first(where: { clean[$0] != corrupted[$0] }) {
            throw bad("`\(hook.prefix(80))` isn't there for both runs in one shape")
        }
        guard !clean.isEmpty else { throw bad("there are no activations in it") }
        let names: [String: ActivationPrecision] = [
            "F32": .float32, "f4": .float32, "F16": .float16, "f2": .float16, "BF16": .bfloat16,
        ]
        let known = types.map { names[$0.replacing("<", with: "")] }
        guard !known.contains(nil) else {
            throw bad(
                "its numbers are \(types.sorted().joined(separator: ", ")), and float32, float16 and "
                    + "bfloat16 are read: convert them, as by astype(\"float32\")")
        }
        let all = Set(known.compactMap(\.self))
        return (clean, all.count == 1 ? all.first ?? .float32 : .float32)
    }

    /// Sets to 0 what lies behind the end of shorter prompts, which models fill with anything. Attention
    /// scores stay: there it is -infinity.
    private func clearPadding(
        _ values: inout [Float], _ shape: [Int], _ hook: String, _ lengths: [Int]
    ) {
        guard let width = lengths.max(), !HookAxes.holdsMinusInfinity(hook) else { return }
        let axis = HookAxes.positionAxis(of: hook)
        // Of a pattern each head has its positions, elsewhere they follow the pair.
        let blocks = shape[1..<axis].reduce(1, *)
        let row = shape[(axis + 1)...].reduce(1, *)
        for (pair, length) in lengths.enumerated() where length < width {
            for block in pair * blocks..<(pair + 1) * blocks {
                for index in (block * width + length) * row..<(block + 1) * width * row {
                    values[index] = 0
                }
            }
        }
    }
}
