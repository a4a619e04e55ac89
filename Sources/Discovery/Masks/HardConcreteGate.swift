import Foundation

/// A random gate between 0 and 1 with a parameter, its log-odds, that can be learnt by gradient
/// descent: the hard concrete distribution of Louizos et al. (2018), which subnetwork probing and
/// edge pruning use with the same constants.
///
/// With noise u from 0 to 1 it is s = sigmoid((log u - log(1 - u) + log-odds) / beta), stretched to
/// gamma ... zeta and clipped to 0 ... 1, so that it is often exactly 0 or 1.
package enum HardConcreteGate {
    /// The temperature, beta.
    static let temperature = 2.0 / 3
    /// gamma and zeta.
    static let stretch = (low: -0.1, high: 1.1)
    /// Noise is kept this far from 0 and 1.
    static let margin = 1e-6

    /// The gate for noise from 0 to 1, and its slope by the log-odds.
    package static func value(_ logOdds: Double, noise: Double) -> (value: Double, slope: Double) {
        let u = min(max(noise, margin), 1 - margin)
        let s = sigmoid((log(u) - log(1 - u) + logOdds) / temperature)
        let width = stretch.high - stretch.low
        let value = stretch.low + width * s
        if value <= 0 { return (0, 0) }
        if value >= 1 { return (1, 0) }
        return (value, width * s * (1 - s) / temperature)
    }

    /// The probability that the gate isn't 0, and its slope by the log-odds.
    package static func openProbability(_ logOdds: Double) -> (value: Double, slope: Double) {
        let probability = sigmoid(logOdds - temperature * log(-stretch.low / stretch.high))
        return (probability, probability * (1 - probability))
    }

    /// 1 / (1 + exp(-x))
    static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
