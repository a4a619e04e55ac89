import CKernels

// What metrics need of rows of logits and of probabilities.

extension UnsafeMutablePointer where Pointee == Float {
    /// Becomes the probabilities that logits stand for, exp(x - normalizer); x may be y.
    /// - Parameter normalizer: `logSumExp` of the logits.
    package func updateWithProbabilities(
        ofLogits x: UnsafePointer<Float>, normalizer: Double, count: Int
    ) {
        ckernels_log_probabilities(self, x, normalizer, count)
        ckernels_exp(self, self, count)
    }

    /// Turns the probabilities q into the gradient, with respect to their logits, of the
    /// Jensen-Shannon divergence from p.
    package func updateWithJensenShannonGradient(from p: UnsafePointer<Float>, count: Int) {
        ckernels_jensen_shannon_gradient(self, p, count)
    }
}

/// log(sum(exp(x))), in double precision.
package func logSumExp(_ x: UnsafePointer<Float>, count: Int) -> Double {
    ckernels_log_sum_exp(x, count)
}

/// The Jensen-Shannon divergence of two distributions, in nats.
package func jensenShannonDivergence(
    _ p: UnsafePointer<Float>, _ q: UnsafePointer<Float>, count: Int
) -> Double {
    ckernels_jensen_shannon(p, q, count)
}

/// The sum of weights (x - y), in double precision: with probabilities as weights and two rows of
/// logits it is what a KL divergence has besides the normalisers.
package func weightedDifference(
    _ weights: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
    count: Int
) -> Double {
    ckernels_weighted_difference(weights, x, y, count)
}
