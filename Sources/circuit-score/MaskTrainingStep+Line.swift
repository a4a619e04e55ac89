import CircuitRuns
import Discovery
import Foundation

extension MaskTrainingStep {
    /// Whether it is among the twenty or so that are worth a line.
    var isWorthALine: Bool { number == count || number % max(1, count / 20) == 0 || number == 1 }

    /// `step 20 of 200: loss 0.3412, 3.21% of edges open`
    var line: String {
        "step \(number) of \(count): loss \(shortLoss), "
            + String(format: "%.3g%% of edges open", 100 * openShare)
    }

    /// The loss with four digits.
    var shortLoss: String { String(format: "%.4g", loss) }
}
