import Basics
import CHDF5

/// A cache that holds all chunks of one row of a dataset, so that reading or writing row by row
/// decompresses or compresses each chunk once.
struct ChunkCache {
    private let slots: Int
    private let byteCount: Int

    /// The cache for a dataset; nil where the library's default of one megabyte is enough, or where the
    /// cache would be too large.
    init?(layout: Layout, shape: [Int], type: ElementType) {
        guard let chunk = layout.chunkShape, chunk.count == shape.count else { return nil }
        // In floating point, because the numbers of a hostile file could overflow integers.
        var chunks = 1.0
        for (size, length) in zip(shape.dropFirst(), chunk.dropFirst()) {
            chunks *= (Double(size) / Double(max(length, 1))).rounded(.up)
        }
        let elementSize = type.size == 0 ? 16 : type.size
        let bytes = chunk.reduce(Double(elementSize) * chunks) { $0 * Double($1) }
        guard bytes > Double(1 << 20), bytes <= Double(64 << 20) else { return nil }
        slots = min(max(521, Int(chunks) * 10 + 1), 100_003)
        byteCount = Int(bytes)
    }

    /// Dataset access properties with `cache`, or with the library's default if it is nil.
    static func makeAccessProperties(
        _ cache: ChunkCache?, at location: Location
    ) throws(HDF5Error) -> Identifier {
        let operation = "open dataset"
        let list = Identifier(
            try location.check(H5Pcreate(CHDF5_DATASET_ACCESS()), operation, .internalError),
            close: H5Pclose)
        if let cache {
            try location.check(
                H5Pset_chunk_cache(list.id, cache.slots, cache.byteCount, 0.75), operation)
        }
        return list
    }
}
