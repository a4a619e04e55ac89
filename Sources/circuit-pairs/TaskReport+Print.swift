import Experiments
import Foundation
import Tasks
import ToolSupport

extension TaskReport {
    /// Prints the report: on standard output, or on stderr where that carries the artifact.
    func print(toStandardOutput: Bool) throws {
        let head = "\(pairCount) pairs".padding(to: 14) + "right   top     " + metric.rawValue
        for line in [head, line("clean", clean), line("corrupted", corrupted)] {
            if toStandardOutput {
                try StandardOutput.print(line)
            } else {
                Console.print(line)
            }
        }
    }

    private func line(_ name: String, _ side: Side) -> String {
        func percent(_ share: Double?) -> String {
            share.map { String(format: "%.1f%%", $0 * 100) } ?? "-"
        }
        return name.padding(to: 14) + percent(side.accuracy).padding(to: 8)
            + percent(side.topAccuracy).padding(to: 8) + String(format: "%.4f", side.metric)
    }
}

extension String {
    /// The string with spaces after it, `width` characters at least.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(1, width - count))
    }
}
