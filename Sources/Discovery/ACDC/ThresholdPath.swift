package import Artifacts
import Basics
import Foundation

/// Runs of ACDC at several thresholds, which share every decision up to where they part.
///
/// Two runs decide alike until the first effect that lies between their thresholds. So a further
/// run takes over the decisions of the earlier one that it agrees with longest, and tests only what
/// comes after. A run also gives the thresholds for which its circuit is the same: from just above
/// the largest effect it cut to the smallest it kept.
package struct ThresholdPath: Sendable {
    /// One run.
    package struct Run: Sendable {
        /// What it found.
        package let result: ACDC.Result
        /// The number of the run whose first decisions it took over; nil for the first.
        package let parent: Int?
        /// How many decisions it took over.
        package let sharedDecisions: Int
        /// The thresholds that give this very circuit: above the lower bound, up to the upper one.
        package let sameAbove: Double
        /// The largest threshold that gives this very circuit.
        package let sameUpTo: Double

        /// Its threshold.
        package var threshold: Double { result.threshold }
        /// Number of edges in the circuit.
        package var edgeCount: Int { result.inCircuit.count(where: { $0 }) }
    }

    /// The search, at whatever threshold.
    package let acdc: ACDC
    /// The runs made so far.
    package private(set) var runs: [Run] = []

    /// No runs yet.
    package init(_ acdc: ACDC) { self.acdc = acdc }

    /// Makes a run at a threshold, or finds that one made already has the same circuit.
    /// - Parameters:
    ///   - resumed: decisions of this run that an earlier process made, after the shared ones.
    ///   - journal: is given new decisions, receiver by receiver: neither shared nor resumed ones.
    /// - Returns: the number of the run.
    package mutating func run<JournalError: Error>(
        at threshold: Double, resumed: [Decision] = [],
        journal: (ArraySlice<Decision>) throws(JournalError) -> Void,
        progress: (ACDC.Progress) -> Void = { _ in }
    ) throws(JournalError) -> Int {
        let rule = acdc.rule(at: threshold)
        var parent: Int?
        var shared = 0
        for (number, run) in runs.enumerated() {
            let count = rule.agreement(with: run.result.decisions)
            if count > shared { (parent, shared) = (number, count) }
        }
        let result: ACDC.Result
        if let parent, shared == runs[parent].result.decisions.count {
            result = runs[parent].result.at(threshold)
        } else {
            let prefix = parent.map { Array(runs[$0].result.decisions.prefix(shared)) } ?? []
            let known = shared + resumed.count
            result = try acdc.run(
                at: threshold, replay: .exactly(prefix, thenResuming: resumed),
                journal: { (decisions) throws(JournalError) in
                    // Of an unfinished receiver, what is known was decided again, alike.
                    let new = decisions.dropFirst(max(0, known - decisions.startIndex))
                    if !new.isEmpty { try journal(new) }
                }, progress: progress)
        }
        let (above, upTo) = rule.thresholdsOfSameCircuit(result.decisions)
        runs.append(
            Run(
                result: result, parent: parent, sharedDecisions: shared,
                sameAbove: above, sameUpTo: upTo))
        return runs.count - 1
    }

    /// Finds the threshold whose circuit has `count` edges.
    ///
    /// Thresholds are lowered, or doubled, until two have circuits on either side, and then taken where
    /// a power law through both would have that size. Small circuits cost least, so start high
    /// (``ACDC/firstThreshold(forEdges:)``).
    /// The size of the circuit isn't strictly monotonic in the threshold, and jumps: there may be no
    /// such threshold, or one elsewhere. The search ends when two neighbouring thresholds have
    /// circuits on either side, or where no threshold gives one as small. Sizes near that of the
    /// graph take thresholds of zero and below.
    /// - Parameters:
    ///   - start: the threshold to begin with.
    ///   - makeRun: makes a run at a threshold and returns its number.
    /// - Returns: the run of exactly that size, or the nearest below and above it.
    package mutating func search<RunError: Error>(
        edges count: Int, from start: Double,
        makeRun: (inout ThresholdPath, Double) throws(RunError) -> Int
    ) throws(RunError) -> (smaller: Int?, exact: Int?, larger: Int?) {
        var smaller: Int?
        var larger: Int?
        // Whatever lies between is as good: thresholds are short, so that people can type them.
        var threshold = start.shortest(in: -.infinity ... .infinity)
        while true {
            let number = try makeRun(&self, threshold)
            let run = runs[number]
            if run.edgeCount == count { return (smaller, number, larger) }
            if run.edgeCount < count { smaller = number } else { larger = number }
            switch (smaller, larger) {
            case (let few?, nil):
                threshold = min(
                    below(runs[few].threshold, wanting: count), runs[few].sameAbove)
                if !threshold.isFinite { return (smaller, nil, nil) }
                threshold = threshold.shortest(in: -.infinity...runs[few].sameAbove)
            case (nil, let many?):
                threshold = max(runs[many].threshold * 2, runs[many].sameUpTo.nextUp)
                if !threshold.isFinite { return (nil, nil, larger) }
                threshold = threshold.shortest(in: runs[many].sameUpTo.nextUp ... .infinity)
            case (let few?, let many?):
                let (low, high) = (runs[many].sameUpTo.nextUp, runs[few].sameAbove)
                if low > high { return (smaller, nil, larger) }
                let way = Self.way(from: runs[many].edgeCount, to: runs[few].edgeCount, count)
                let between = low > 0 ? low * pow(high / low, way) : low + (high - low) * way
                threshold = min(max(between, low), high).shortest(in: low...high)
            case (nil, nil): return (nil, nil, nil)
            }
        }
    }

    /// How much of the way between the thresholds of a larger and a smaller circuit, on a scale of
    /// logarithms, one of `count` edges may lie; between 1/8 and 7/8, so that
    /// neither threshold stays where it is through many runs.
    private static func way(from many: Int, to few: Int, _ count: Int) -> Double {
        let size = { log(Double(max(1, $0))) }
        let way = (size(many) - size(count)) / (size(many) - size(few))
        return min(max(way, 0.125), 0.875)
    }

    /// The next threshold to try for a larger circuit: where a power law has a tenth more edges than
    /// wanted, or four times those of the last run. Below some threshold circuits grow abruptly, and
    /// one that is too large costs more than all others, so the power is never taken to be small.
    /// From a millionth on effects are rounding: zero comes next, and then what keeps edges that are
    /// better cut.
    private func below(_ threshold: Double, wanting count: Int) -> Double {
        if threshold <= 0 { return threshold > -1e-6 ? -1e-6 : threshold * 4 }
        if threshold <= 2e-6 { return 0 }
        guard let last = runs.last, last.edgeCount > 0 else { return threshold / 2 }
        var exponent = 4.0
        if let before = runs.dropLast().last, before.edgeCount > 0,
            before.threshold > last.threshold
        {
            exponent = max(
                2.5,
                log(Double(last.edgeCount) / Double(before.edgeCount))
                    / log(before.threshold / last.threshold))
        }
        let growth = min(4, 1.1 * Double(count) / Double(last.edgeCount))
        return threshold * min(pow(growth, -1 / exponent), 0.95)
    }
}
