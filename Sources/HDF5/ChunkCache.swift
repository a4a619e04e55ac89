import CHDF5
import Basics

/// A cache for the chunks that one row of a dataset crosses, so that going through it row by row
/// unpacks and packs each chunk once.
struct ChunkCache {
    private let slots: Int
    private let byteCount: Int

    /// The cache for such a dataset; nil where the library's own megabyte is enough, or none would
    /// be.
    init?(layout: Layout, shape: [Int], type: ElementType) {
        guard let chunk = layout.chunkShape, chunk.count == shape.count else { return nil }
        // In floating point, because a hostile file's numbers may overflow.
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

    /// Dataset access properties with `cache`, or the library's own without.
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
