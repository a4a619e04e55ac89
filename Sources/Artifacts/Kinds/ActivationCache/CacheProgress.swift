import Basics
import Crypto
import HDF5

/// How far an unfinished cache is, kept in its file until it is complete: the dataset `progress`, whose
/// rows are the batches of a run that are whole.
///
/// Datasets of activations that aren't compressed are allocated when the file is made, and their places are
/// in the file from then on; of compressed ones the places of a batch's chunks are written after the batch,
/// and nothing of the file's structure in between. So a run that is killed leaves a file that can be opened,
/// and what the process had handed to the system is in it; only a kill in the moment in which the places of
/// chunks are written can spoil it, and then the next run begins anew. A row is written after its batch. It has the run (uint32, 0 is clean), the
/// number of the run's pairs that are whole with it (uint32), both little-endian, and the SHA-256 over
/// the SHA-256 of all activations of these pairs, one after the other by their sorted names: what a crash
/// of the system has lost is found by it.
struct CacheProgress {
    /// The dataset's name in the root group.
    static let name = "progress"
    private static let rowSize = 40

    /// A batch of a run that was written.
    struct Batch: Hashable {
        var run: ActivationRun
        /// The number of pairs up to its end.
        var end: Int
        var digest: [UInt8]
    }

    /// The batches so far, in the order in which they were written.
    private(set) var batches: [Batch] = []

    /// Makes the dataset, with room for every pair of both runs.
    static func create(in root: borrowing Group, pairCount: Int) throws(HDF5Error) {
        try root.createDataset(name, type: .uint8, shape: [2 * pairCount, rowSize]).close()
    }

    /// Whether a file is an unfinished cache of the given inputs.
    static func isLeft(at path: String, ofInputs inputsDigest: String) -> Bool {
        guard let root = try? File.open(path).root(), (try? root.contains(name)) == true,
            let attributes = try? ContentReader.attributes(of: root)
        else { return false }
        return attributes.optionalText("digest") == nil
            && attributes.optionalText("artifact") == ArtifactKind.activationCache.rawValue
            && attributes.optionalText("schema_version")
                == ArtifactKind.activationCache.currentVersion.description
            && attributes.optionalText("inputs_digest") == inputsDigest
    }

    /// Nothing so far.
    init() {}

    /// The batches that the file of `root` says are whole.
    init(reading root: borrowing Group) throws(HDF5Error) {
        let dataset = try root.dataset(Self.name)
        guard dataset.shape.count == 2, dataset.shape[1] == Self.rowSize else { return }
        let bytes = try dataset.read(as: UInt8.self)
        for start in stride(from: 0, to: bytes.count, by: Self.rowSize) {
            func number(_ offset: Int) -> Int {
                (0..<4).reduce(0) { $0 | Int(bytes[start + offset + $1]) << (8 * $1) }
            }
            let (run, end) = (number(0), number(4))
            guard end > 0, ActivationRun.allCases.indices.contains(run) else { break }
            batches.append(
                Batch(
                    run: ActivationRun.allCases[run], end: end,
                    digest: Array(bytes[start + 8..<start + Self.rowSize])))
        }
    }

    /// Adds a batch, to the file too.
    mutating func append(_ batch: Batch, to root: borrowing Group) throws(HDF5Error) {
        let dataset = try root.dataset(Self.name)
        guard batches.count < dataset.shape[0] else { return }
        try dataset.write(Self.row(batch), rows: batches.count..<batches.count + 1)
        batches.append(batch)
    }

    /// Puts `batches` in the place of those in the file.
    mutating func replace(by batches: [Batch], in root: borrowing Group) throws(HDF5Error) {
        let dataset = try root.dataset(Self.name)
        let rows = batches.flatMap(Self.row)
        try dataset.write(rows + [UInt8](repeating: 0, count: dataset.count - rows.count))
        self.batches = batches
    }

    private static func row(_ batch: Batch) -> [UInt8] {
        let run = ActivationRun.allCases.firstIndex(of: batch.run) ?? 0
        return [run, batch.end].flatMap { number in
            withUnsafeBytes(of: UInt32(number).littleEndian) { Array($0) }
        } + batch.digest
    }

    /// The digest of a batch from the hashes of all activations up to its end, in the order of their
    /// names.
    static func digest(of hashes: [SHA256]) -> [UInt8] {
        var all = SHA256()
        for hash in hashes { all.update(data: Array(hash.finalize())) }
        return Array(all.finalize())
    }

    /// The batches whose activations are in the file as they were written, up to the first of a run that
    /// isn't: the file is cut there.
    ///
    /// - Parameter hooks: the names of the activations.
    /// - Returns: the hash of each activation up to the cut, and where that is, by path.
    mutating func cut(
        to hooks: [String], pairCount: Int, in root: borrowing Group
    ) throws(HDF5Error) -> [String: (hash: SHA256, pairs: Int)] {
        var whole: [String: (hash: SHA256, pairs: Int)] = [:]
        for run in ActivationRun.allCases {
            for hook in hooks { whole["\(run.rawValue)/\(hook)"] = (SHA256(), 0) }
        }
        var (good, damaged): ([Batch], Set<ActivationRun>) = ([], [])
        for batch in batches where !damaged.contains(batch.run) {
            let paths = hooks.sorted().map { "\(batch.run.rawValue)/\($0)" }
            var next = whole
            for path in paths {
                guard let (former, first) = whole[path], first < batch.end, batch.end <= pairCount
                else { break }
                var hash = former
                let dataset = try root.dataset(path)
                guard dataset.shape.first == pairCount else { break }
                try dataset.update(&hash, rows: first..<batch.end)
                next[path] = (hash, batch.end)
            }
            if Self.digest(of: paths.compactMap { next[$0]?.hash }) == batch.digest {
                whole = next
                good.append(batch)
            } else {
                damaged.insert(batch.run)
            }
        }
        try replace(by: good, in: root)
        return whole
    }
}

extension Dataset {
    /// Adds the stored bytes of the pairs `rows` to a hash.
    fileprivate borrowing func update(
        _ hash: inout SHA256, rows: Range<Int>
    ) throws(HDF5Error) {
        switch elementType {
        case .float16: hash.update(elements: try read(as: Float16.self, rows: rows))
        case .uint16: hash.update(elements: try read(as: UInt16.self, rows: rows))
        default: hash.update(elements: try read(as: Float.self, rows: rows))
        }
    }
}
