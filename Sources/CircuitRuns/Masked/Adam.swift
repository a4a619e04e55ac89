import Foundation

/// Adam (Kingma and Ba 2015) over a vector of parameters, in double precision.
package struct Adam: Sendable {
    /// What a step is multiplied with.
    package var learningRate: Double
    private let decayOfMean: Double
    private let decayOfSquare: Double
    private let epsilon: Double
    private var mean: [Double]
    private var square: [Double]
    private var steps = 0

    /// An optimiser of `count` parameters that has made no step yet.
    package init(
        _ count: Int, learningRate: Double, decayOfMean: Double = 0.9,
        decayOfSquare: Double = 0.999, epsilon: Double = 1e-8
    ) {
        self.learningRate = learningRate
        self.decayOfMean = decayOfMean
        self.decayOfSquare = decayOfSquare
        self.epsilon = epsilon
        mean = Array(repeating: 0, count: count)
        square = mean
    }

    /// Makes a step against the gradient.
    package mutating func step(_ parameters: inout [Double], against gradient: [Double]) {
        steps += 1
        let (ofMean, ofSquare) = (
            1 - pow(decayOfMean, Double(steps)), 1 - pow(decayOfSquare, Double(steps))
        )
        for index in parameters.indices {
            let slope = gradient[index]
            mean[index] = decayOfMean * mean[index] + (1 - decayOfMean) * slope
            square[index] = decayOfSquare * square[index] + (1 - decayOfSquare) * slope * slope
            parameters[index] -=
                learningRate * (mean[index] / ofMean)
                / ((square[index] / ofSquare).squareRoot() + epsilon)
        }
    }
}
