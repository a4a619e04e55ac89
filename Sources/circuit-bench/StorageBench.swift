import Artifacts
import Foundation

/// Measures how fast the activations of a cache are written and read: as plain bytes, and as a cache of
/// each layout. Every write ends when the bytes are on the disk; reads find the file in memory, where the
/// writes have left it, and add up all values.
struct StorageBench {
    /// What one way of storing takes.
    struct Figures: Encodable {
        /// Seconds of each repeat.
        var writeSeconds: [Double] = []
        var readSeconds: [Double] = []
        /// Processor time of the best write and the best read.
        var writeProcessorSeconds = Double.infinity
        var readProcessorSeconds = Double.infinity
        /// The file's size.
        var bytes = 0
        /// Memory of the process's own that holds values after a read, and pages that the system had to give it.
        var readPrivateBytes = 0
        var readPageFaults = 0

        /// Adds a repeat: times are kept, of the rest the last counts, of processor times the least.
        mutating func add(_ other: Figures) {
            writeSeconds += other.writeSeconds
            readSeconds += other.readSeconds
            writeProcessorSeconds = min(writeProcessorSeconds, other.writeProcessorSeconds)
            readProcessorSeconds = min(readProcessorSeconds, other.readProcessorSeconds)
            (bytes, readPrivateBytes) = (other.bytes, other.readPrivateBytes)
            readPageFaults = other.readPageFaults
        }
    }

    /// The figures by name: `plain`, `contiguous`, `deflate-1` ...
    private(set) var figures: [String: Figures] = [:]

    private let cache: ActivationCache
    private let folder: String
    /// The values of each activation, in memory.
    private let values: [(hook: String, run: ActivationRun, values: [Float])]
    /// Pairs of a batch: as circuit-cache has them, of 64 MiB.
    private let batch: Int
    private var pairCount: Int { cache.dataset.content.pairCount }

    /// Reads a cache; files are made in `folder`, and removed.
    init(_ cache: ActivationCache, in folder: String) throws {
        self.cache = cache
        self.folder = folder
        values = try cache.hooks.flatMap { hook in
            try ActivationRun.allCases.map { run in
                (hook, run, try cache.activation(named: hook, run: run).values())
            }
        }
        let total = values.reduce(0) { $0 + $1.values.count } * MemoryLayout<Float>.size
        batch = max(1, (64 << 20) * cache.dataset.content.pairCount / max(total / 2, 1))
    }

    /// Measures every way `repeats` times, in turn.
    mutating func run(repeats: Int, levels: [Int]) throws {
        for _ in 0..<repeats {
            try figures["plain", default: Figures()].add(
                measured("plain", write: writePlain, read: readPlain))
            try figures["contiguous", default: Figures()].add(
                measured("contiguous", write: { try writeCache($0, .contiguous) }, read: readCache))
            for level in levels {
                let name = "deflate-\(level)"
                let write = { try writeCache($0, .compressed(level: level)) }
                try figures[name, default: Figures()].add(
                    measured(name, write: write, read: readCache))
            }
        }
    }

    /// One repeat of a way.
    private func measured(
        _ name: String, write: (String) throws -> Void, read: (String) throws -> Int
    ) throws -> Figures {
        let path = "\(folder)/storage.\(name)"
        defer { unlink(path) }
        var found = Figures()
        // What others have written doesn't count.
        sync()
        let (before, beforeProcessor) = (
            seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)
        )
        try write(path)
        found.writeSeconds = [seconds(CLOCK_MONOTONIC) - before]
        found.writeProcessorSeconds = seconds(CLOCK_PROCESS_CPUTIME_ID) - beforeProcessor
        var status = stat()
        stat(path, &status)
        found.bytes = Int(status.st_size)
        let (start, startProcessor) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
        let faults = Usage.pageFaults
        found.readPrivateBytes = try read(path)
        found.readSeconds = [seconds(CLOCK_MONOTONIC) - start]
        found.readProcessorSeconds = seconds(CLOCK_PROCESS_CPUTIME_ID) - startProcessor
        found.readPageFaults = Usage.pageFaults - faults
        return found
    }

    // MARK: - Plain bytes

    private func writePlain(_ path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
        defer { close(file) }
        for entry in values {
            entry.values.withUnsafeBytes { bytes in
                precondition(write(file, bytes.baseAddress, bytes.count) == bytes.count)
            }
        }
        precondition(fsync(file) == 0)
    }

    /// Returns the private memory that is held once everything was read.
    private func readPlain(_ path: String) throws -> Int {
        let before = Usage.privateBytes
        let file = open(path, O_RDONLY)
        defer { close(file) }
        var (held, sum): ([[Float]], Float) = ([], 0)
        for entry in values {
            let count = entry.values.count
            let read = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                precondition(Glibc.read(file, buffer.baseAddress, count * 4) == count * 4)
                filled = count
            }
            sum += read.withUnsafeBufferPointer(Self.sum)
            held.append(read)
        }
        precondition(!sum.isNaN)
        return withExtendedLifetime(held) { Usage.privateBytes - before }
    }

    // MARK: - Caches

    private func writeCache(_ path: String, _ layout: ActivationLayout) throws {
        let writer = try ActivationCacheWriter(
            to: ArtifactOutput(path), dataset: cache.dataset, description: cache.description,
            shapes: cache.shapes.mapValues { Array($0.dropFirst()) }, layout: layout)
        for run in ActivationRun.allCases {
            for first in stride(from: 0, to: pairCount, by: batch) {
                let pairs = first..<min(first + batch, pairCount)
                for entry in values where entry.run == run {
                    let width = entry.values.count / pairCount
                    try entry.values.withUnsafeBufferPointer { values in
                        try writer.append(
                            UnsafeBufferPointer(
                                rebasing: values[
                                    pairs.lowerBound * width..<pairs.upperBound * width]),
                            to: entry.hook, run: run)
                    }
                }
            }
        }
        try writer.finish(provenance: cache.provenance)
    }

    /// Returns the private memory that is held once everything was read.
    private func readCache(_ path: String) throws -> Int {
        let before = Usage.privateBytes
        let cache = try ActivationCache(path)
        var (held, sum): ([Activation], Float) = ([], 0)
        for entry in values {
            let activation = try cache.activation(named: entry.hook, run: entry.run)
            sum += activation.withUnsafeBufferPointer(Self.sum)
            held.append(activation)
        }
        precondition(!sum.isNaN)
        return withExtendedLifetime(held) { Usage.privateBytes - before }
    }

    /// The sum of values, of which each is looked at.
    private static func sum(_ values: UnsafeBufferPointer<Float>) -> Float {
        let raw = UnsafeRawBufferPointer(values)
        let stride = MemoryLayout<SIMD16<Float>>.size
        var lanes = SIMD16<Float>.zero
        var offset = 0
        while offset + stride <= raw.count {
            lanes += raw.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
            offset += stride
        }
        return values[(offset / 4)...].reduce(lanes.sum(), +)
    }

    private func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// What the system counts of this process.
private enum Usage {
    /// Page faults so far, those that need no disk among them.
    static var pageFaults: Int {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return usage.ru_minflt + usage.ru_majflt
    }

    /// Bytes of memory that are no pages of files.
    static var privateBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        let number = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        return (number.flatMap { Int($0) } ?? 0) * 1024
    }
}
