/// The largest difference of scores from what they should be, each relative to its own size, or to
/// a sixteenth of the largest score where it is smaller than that.
///
/// A score is a sum of terms of both signs, and in float32 the small ones are what large terms leave.
/// PyTorch itself is no nearer to its float64 values on these models: its EAP scores in float32 are
/// within 2e-4 relative to a hundredth of the largest score, ours within 1.4e-4. Below 1e-6 everything
/// counts as 0: by the KL divergence all scores of a clean run are.
package func scoreGap(_ found: [Float], _ expected: [Float], floor: Float = 0.0625) -> Float {
    guard found.count == expected.count else { return .infinity }
    let least = max(1e-6, floor * (expected.map(abs).max() ?? 0))
    return zip(found, expected).map { abs($0 - $1) / max(least, abs($1)) }.max() ?? 0
}
