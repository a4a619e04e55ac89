import CKernels
import Engine
import Models
import Testing

/// Threads without a piece of work help with products of those that have one.
@Suite("Products shared by threads")
struct ProductSharingTests {
    private static let (rows, width) = (64, 576)

    init() throws { try BLAS.load() }

    /// Two layers of products a piece, each added to what was there: a block computed twice, or not at
    /// all, would show.
    private func results(
        _ pool: WorkerPool, pieces: Int, _ first: OwnedWeight, _ second: OwnedWeight
    ) -> [[Float]] {
        let (rows, width, hidden) = (Self.rows, Self.width, first.view.outputs)
        var random = RandomValues(seed: 8)
        let inputs = (0..<pieces).map { _ in random.buffer(rows * width) }
        let outputs = (0..<pieces).map { _ in random.buffer(rows * width) }
        let middle = (0..<pieces).map { _ in FloatBuffer(zeros: rows * hidden) }
        pool.run(pieces) { _, piece in
            for _ in 0..<3 {
                first.view.apply(
                    inputs[piece].values, stride: width, to: middle[piece].values,
                    stride: hidden, rows: rows, keep: 0.5)
                second.view.apply(
                    middle[piece].values, stride: hidden, to: outputs[piece].values,
                    stride: width, rows: rows, scale: 0.01, keep: 1)
            }
        }
        return outputs.map(\.array)
    }

    @Test(
        "Results are the same to the bit with any number of threads",
        arguments: [1, 2, 3, 5], [Weight.Layout.outputMajor, .inputMajor])
    func bits(pieces: Int, layout: Weight.Layout) {
        var random = RandomValues(seed: UInt64(pieces))
        let first = random.weight(Self.width, 1536, layout)
        let second = random.weight(1536, Self.width, layout)
        let alone = results(WorkerPool(threads: 1), pieces: pieces, first, second)
        for threads in [2, 3, 8, 32] {
            let shared = results(WorkerPool(threads: threads), pieces: pieces, first, second)
            #expect(shared == alone, "\(threads) threads")
        }
    }

    @Test("A run inside a piece of another is computed by that piece's thread alone")
    func nested() {
        var random = RandomValues(seed: 5)
        let first = random.weight(Self.width, 640)
        let second = random.weight(640, Self.width)
        let alone = results(WorkerPool(threads: 1), pieces: 3, first, second)
        let pool = WorkerPool(threads: 4)
        pool.run(2) { _, _ in
            #expect(results(pool, pieces: 3, first, second) == alone)
        }
    }

    @Test("Operations are counted whoever computes them", arguments: [1, 2, 9])
    func operations(threads: Int) {
        var random = RandomValues(seed: 1)
        let first = random.weight(Self.width, 1536)
        let second = random.weight(1536, Self.width)
        let meter = WorkMeter(keepingRuns: true)
        _ = results(WorkerPool(threads: threads, meter: meter), pieces: 4, first, second)
        let expected = 4.0 * 3 * 2 * 2 * Double(Self.rows * Self.width * 1536)
        #expect(meter.operations == expected)
        for workers in [1, 2, 3, 4, 7] {
            let (each, busiest) = meter.operationsOfWorkers(workers)
            #expect(abs(each.reduce(0, +) - expected) < 1e-6 * expected)
            #expect(busiest >= 0.999999 * expected / Double(workers) && each.max() == busiest)
        }
    }

    @Test(
        "With fewer pieces than threads none idles, and none has much more than others",
        .enabled(if: ckernels_product_available() != 0, "This processor has no AVX-512"),
        arguments: [1, 4], [2, 8, 32, 64])
    func balance(pieces: Int, workers: Int) {
        var random = RandomValues(seed: 1)
        let first = random.weight(Self.width, 1536)
        let second = random.weight(1536, Self.width)
        let meter = WorkMeter(keepingRuns: true)
        _ = results(WorkerPool(threads: 1, meter: meter), pieces: pieces, first, second)
        let (each, busiest) = meter.operationsOfWorkers(workers)
        let mean = each.reduce(0, +) / Double(workers)
        // The smaller matrix has nine blocks of 64 columns: more workers than that share the other's.
        if workers / pieces <= 16 { #expect(each.allSatisfy { $0 > 0 }) }
        if workers / pieces <= 8 { #expect(busiest <= 1.5 * mean) }
    }
}
