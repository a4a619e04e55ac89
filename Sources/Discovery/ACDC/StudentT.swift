import Foundation

/// Student's t distribution.
package enum StudentT {
    /// The value that is exceeded with this probability (below a half), by Hill's asymptotic
    /// expansion (1970, Algorithm 396): about six digits for three and more degrees of freedom.
    package static func quantile(upperTail: Double, degreesOfFreedom n: Double) -> Double {
        let p = 2 * upperTail
        if n == 1 { return 1 / tan(p * .pi / 2) }
        if n == 2 { return (2 / (p * (2 - p)) - 2).squareRoot() }
        let a = 1 / (n - 0.5)
        let b = 48 / (a * a)
        var c = ((20_700 * a / b - 98) * a - 16) * a + 96.36
        let d = ((94.5 / (b + c) - 3) / b + 1) * (a * .pi / 2).squareRoot() * n
        var y = pow(d * p, 2 / n)
        if y > 0.05 + a {
            let x = normalQuantile(lowerTail: p / 2)
            y = x * x
            if n < 5 { c += 0.3 * (n - 4.5) * (x + 0.6) }
            c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
            y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
            y = expm1(a * y * y)
        } else {
            y =
                ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y
                    - 1) * (n + 1) / (n + 2) + 1 / y
        }
        return (n * y).squareRoot()
    }

    /// The standard normal value below which this probability lies, by Newton's method on erfc.
    private static func normalQuantile(lowerTail p: Double) -> Double {
        var x = 0.0
        for _ in 0..<60 {
            let error = 0.5 * erfc(-x / 2.0.squareRoot()) - p
            let density = exp(-x * x / 2) / (2 * .pi).squareRoot()
            let step = error / density
            x -= min(max(step, -1), 1)
            if abs(step) < 1e-14 { break }
        }
        return x
    }
}
