import Artifacts
import Basics

/// How many pairs are enough: how much of the best N edges is found again from fewer pairs.
///
/// For k = 1, 2, 4, 8, ... pairs, drawn without repetition,
///
///     overlap-with-all       |best N of k pairs and best N of all| / N
///     overlap-of-disjoint    |best N of k pairs and best N of k others| / N
///
/// the mean over random draws, and between which ends the middle of them lies. The first is biased
/// upwards, since the k pairs are among all; the second isn't, and goes up to half of the pairs.
struct PairCounts {
    /// The curves over the number of pairs; none that has no point.
    let curves: [EvaluationArtifact.Curve]

    /// Draws pairs and ranks the edges by them.
    /// - Parameters:
    ///   - ofAll: the best edges by all pairs.
    ///   - bootstrap: how many draws, between which percentiles the ends lie, and the seed.
    init(
        _ rankings: SampledRankings, pairCount: Int, ofAll: Set<Int32>,
        _ bootstrap: EvaluationArtifact.Bootstrap
    ) {
        var generator = SplitMix64(seed: UInt64(bitPattern: Int64(bootstrap.seed)) &+ 1)
        let all = Array(0..<pairCount)
        let sizes = sequence(first: 1) { $0 * 2 }.prefix { $0 < pairCount } + [pairCount]
        var withAll: [(pairs: Int, overlap: Spread)] = []
        var ofDisjoint: [(pairs: Int, overlap: Spread)] = []
        for size in sizes {
            let samples =
                size == pairCount
                ? [all] : (0..<bootstrap.samples).map { _ in generator.pick(size, of: all) }
            var overlaps: [Double] = []
            rankings.forEach(samples) { _, edges in
                overlaps.append(Self.overlap(edges, ofAll))
            }
            withAll.append((size, Spread(overlaps, confidence: bootstrap.confidence)))
            guard 2 * size <= pairCount else { continue }
            // Two disjoint samples of the same size, one after the other.
            let halves = (0..<bootstrap.samples).flatMap { _ in
                let drawn = generator.pick(2 * size, of: all)
                return [Array(drawn.prefix(size)), Array(drawn.suffix(size))]
            }
            overlaps = []
            var first: Set<Int32> = []
            rankings.forEach(halves) { sample, edges in
                if sample.isMultiple(of: 2) {
                    first = Set(edges)
                } else {
                    overlaps.append(Self.overlap(edges, first))
                }
            }
            ofDisjoint.append((size, Spread(overlaps, confidence: bootstrap.confidence)))
        }
        curves = [("overlap-with-all", withAll), ("overlap-of-disjoint", ofDisjoint)]
            .filter { !$0.1.isEmpty }
            .map { name, points in
                EvaluationArtifact.Curve(
                    name: name, xLabel: "pairs", yLabel: "overlap of the best \(ofAll.count) edges",
                    x: points.map { Double($0.pairs) }, y: points.map(\.overlap.mean),
                    lower: points.map(\.overlap.lower), upper: points.map(\.overlap.upper))
            }
    }

    /// The share of the edges that are among the others too.
    private static func overlap(_ edges: [Int32], _ others: Set<Int32>) -> Double {
        edges.isEmpty ? 1 : Double(edges.count { others.contains($0) }) / Double(edges.count)
    }
}

/// The mean of values, and the percentiles between which the middle of them lies.
struct Spread: Hashable, Sendable {
    let mean: Double
    let lower: Double
    let upper: Double

    /// - Parameter confidence: the share of the values that lies between the ends.
    init(_ values: [Double], confidence: Double) {
        mean = values.reduce(0, +) / Double(values.count)
        let tail = (1 - confidence) / 2
        let sorted = values.sorted()
        (lower, upper) = (percentile(tail, of: sorted), percentile(1 - tail, of: sorted))
    }
}

/// The value below which a share of sorted ones lies, interpolated linearly; NaN of none.
func percentile(_ share: Double, of sorted: [Double]) -> Double {
    guard let last = sorted.last else { return .nan }
    let rank = share * Double(sorted.count - 1)
    let index = min(max(0, Int(rank)), sorted.count - 1)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (rank - Double(index)) * (sorted[index + 1] - sorted[index])
}
