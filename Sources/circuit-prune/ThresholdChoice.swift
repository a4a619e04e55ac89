import ArgumentParser
import Basics
import Foundation
import ToolSupport

/// The thresholds at which a search is run, as the command line says it.
enum ThresholdChoice: Equatable {
    /// This one.
    case single(Double)
    /// The one whose circuit has this many edges.
    case edgeCount(Int)
    /// These, from the largest down.
    case list([Double])
    /// Every threshold of a range at which the circuit changes.
    case breakPoints(ClosedRange<Double>)

    /// Reads `0.1,0.02` (a list), `0.001:0.1:9` (9 spaced evenly on a logarithmic scale) or
    /// `0.001:0.1` (every break point in between).
    init(_ text: String) throws {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 1 {
            guard let values = CommaList(text).differentNumbers, !values.isEmpty else {
                throw ValidationError(
                    "'\(text)' isn't a list of different thresholds such as 0.1,0.02")
            }
            self = .list(values.sorted(by: >))
            return
        }
        guard let low = Double(parts[0]), let high = Double(parts[1]), 0 < low, low < high,
            high.isFinite
        else { throw ValidationError("'\(text)' isn't a range of thresholds such as 0.001:0.1") }
        if parts.count == 2 {
            self = .breakPoints(low...high)
        } else if parts.count == 3, let count = Int(parts[2]), (2...10_000).contains(count) {
            let ratio = log(high / low) / Double(count - 1)
            // The ends are as given, whatever rounding makes of them, and nothing is run twice.
            let inner = (1..<count - 1).map { high * exp(-Double($0) * ratio) }
            // As short as they can be without two of them becoming one.
            let short = (3...14).lazy.map { digits in
                Set([low, high] + inner.map { $0.rounded(toDigits: digits) })
            }.first { $0.count == count && $0.allSatisfy((low...high).contains) }
            self = .list((short ?? Set([low, high] + inner)).sorted(by: >))
        } else {
            throw ValidationError("'\(text)' isn't LOW:HIGH:COUNT, such as 0.001:0.1:9")
        }
    }
}
