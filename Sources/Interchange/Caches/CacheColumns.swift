import Artifacts
import Basics

/// A cache's arrays as files of named arrays have them: `clean/HOOK` and `corrupted/HOOK`, as in the
/// artifact, and the prompts' token ids and positions.
struct CacheColumns {
    /// What an artifact has and such files haven't.
    static let cannotHold =
        "the dataset (but token ids, as `clean/ids`, `corrupted/ids` and `positions`) and the model: "
        + "reading takes them from `--like`; compression, provenance"

    /// An array of the file.
    struct Column {
        /// Its name there.
        var name: String
        /// The length of each axis.
        var shape: [Int]
        /// How its numbers are stored.
        var type: Kind
        /// Where an activation is from; nil of token ids and positions.
        var activation: (hook: String, run: ActivationRun)?
        /// Token ids or positions.
        var integers: [Int32] = []

        /// Bytes of the array.
        var byteCount: Int { shape.reduce(type == .int32 || type == .float32 ? 4 : 2, *) }
    }

    /// A number type.
    enum Kind: Hashable {
        case float32, float16, bfloat16, int32
    }

    private let cache: ActivationCache
    /// The arrays in the order of the file.
    let columns: [Column]

    /// The arrays of a cache.
    /// - Parameter hasBFloat16: whether the format knows that type; else it is widened to float32.
    init(_ cache: ActivationCache, hasBFloat16: Bool) {
        self.cache = cache
        let type: Kind =
            switch cache.description.precision {
            case .float32: .float32
            case .float16: .float16
            case .bfloat16: hasBFloat16 ? .bfloat16 : .float32
            }
        var columns: [Column] = []
        for run in ActivationRun.allCases {
            for hook in cache.hooks {
                columns.append(
                    Column(
                        name: "\(run.rawValue)/\(hook)", shape: cache.shapes[hook] ?? [],
                        type: type,
                        activation: (hook, run)))
            }
        }
        let dataset = cache.dataset.content
        let width = dataset.lengths.max() ?? 0
        for (name, prompts) in [("clean/ids", dataset.clean), ("corrupted/ids", dataset.corrupted)]
        {
            let values = prompts.ids.flatMap { ids in
                ids + [Int32](repeating: -1, count: width - ids.count)
            }
            columns.append(
                Column(
                    name: name, shape: [dataset.pairCount, width], type: .int32, integers: values))
        }
        let positions = cache.description.positions
        columns.append(
            Column(
                name: "positions", shape: positions.shape, type: .int32, integers: positions.values)
        )
        self.columns = columns
    }

    /// Gives the bytes of an array, a part at a time; those of float32 are the mapped file's own.
    func write(
        _ column: Column, to body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let (hook, run) = column.activation else {
            return try column.integers.withUnsafeBytes(body)
        }
        let activation = try cache.activation(named: hook, run: run)
        try activation.withUnsafeBufferPointer { (values: UnsafeBufferPointer<Float>) throws in
            if column.type == .float32 { return try body(UnsafeRawBufferPointer(values)) }
            var part: [UInt16] = []
            var start = 0
            while start < values.count {
                let end = min(start + (1 << 18), values.count)
                part.removeAll(keepingCapacity: true)
                for value in values[start..<end] {
                    // The values were of this type before they were widened: nothing is rounded.
                    part.append(
                        column.type == .float16
                            ? Float16(value).bitPattern : UInt16(value.bitPattern >> 16))
                }
                try part.withUnsafeBytes(body)
                start = end
            }
        }
    }
}
