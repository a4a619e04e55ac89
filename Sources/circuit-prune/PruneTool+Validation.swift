import ArgumentParser
import Discovery
import Graphs
import ToolSupport

/// What the command line has to say, and what it can't say together.
extension PruneTool {
    func validate() throws {
        guard Self.levels.contains(level) else {
            throw ValidationError("ACDC has no level \(level.rawValue): it cuts edges")
        }
        if !others.isEmpty, consensus == nil {
            throw ValidationError(
                "one input at a time; several attribution graphs are merged with --consensus")
        }
        try requireOneOf(
            [
                ("threshold", threshold != nil), ("thresholds", thresholds != nil),
                ("edges", edges != nil), ("percent", percent != nil), ("budget", budget != nil),
                ("nodes", nodes != nil), ("neurons", neurons != nil),
                ("consensus", consensus != nil), ("known", known != nil),
            ])
        if let threshold, !threshold.isFinite {
            throw ValidationError("--threshold must be a finite number, not \(threshold)")
        }
        for (name, count) in [
            ("edges", edges), ("budget", budget), ("nodes", nodes), ("neurons", neurons),
        ] where count ?? 0 < 0 {
            throw ValidationError("--\(name) can't be negative")
        }
        if let consensus, !(consensus > 0 && consensus <= 1) {
            throw ValidationError("--consensus must be above 0 and at most 1, not \(consensus)")
        }
        if let percent, !(0...100).contains(percent) {
            throw ValidationError("--percent must be from 0 to 100, not \(percent)")
        }
        let orders = order.orders
        if orders.isEmpty {
            throw ValidationError("--order names no order; choose \(TraversalOrder.offer)")
        }
        if Set(orders).count < orders.count {
            throw ValidationError("--order '\(order.text)' names an order twice")
        }
        if orders.count > 1, threshold == nil, thresholds == nil {
            throw ValidationError("several orders go with --threshold or --thresholds")
        }
        if let timeLimit {
            guard timeLimit > 0, timeLimit.isFinite else {
                throw ValidationError("--time-limit must be a number of minutes above 0")
            }
            if edges == nil, thresholds == nil {
                throw ValidationError("--time-limit goes with --edges or --thresholds")
            }
        }
        if sampling.pairsPerTest != nil, threshold == nil {
            throw ValidationError("--pairs-per-test goes with a single --threshold")
        }
        _ = try thresholdChoice
    }

    /// Refuses a command line that doesn't have exactly one of these options.
    private func requireOneOf(_ options: [(name: String, isGiven: Bool)]) throws {
        let given = options.filter(\.isGiven).map { "--\($0.name)" }
        guard given.count != 1 else { return }
        let names = options.map { "--\($0.name)" }
        let offer = names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
        throw ValidationError(
            given.isEmpty
                ? "give one of \(offer)"
                : "\(given.joined(separator: " and ")) can't "
                    + (given.count == 2 ? "both" : "all")
                    + " be given: one of them says what is taken")
    }
}
