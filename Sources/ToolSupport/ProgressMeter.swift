import Synchronization

/// A line on stderr that shows how far a long computation is, at which rate, and what time is
/// left. It appears only on a terminal, at most ten times a second, and is safe to feed from
/// several threads.
package final class ProgressMeter: Sendable {
    private struct State {
        var completed = 0
        var total: Int
        var note = ""
        var drawn: ContinuousClock.Instant?
    }

    private let label: String
    private let start = ContinuousClock.now
    private let isShown: Bool
    private let state: Mutex<State>

    /// A meter of `total` steps.
    ///
    /// - Parameters:
    ///   - label: What is counted, in the plural: `edges`, `pairs`.
    ///   - total: The number of steps; 0 where it isn't known.
    ///   - verbosity: At `.quiet` nothing is shown.
    package init(_ label: String, total: Int, verbosity: Verbosity = .normal) {
        self.label = label
        isShown = verbosity != .quiet && StandardStreams.errorIsTerminal
        state = Mutex(State(total: total))
    }

    /// Counts `steps` more as done, of `total` where that is known only now.
    package func advance(by steps: Int = 1, of total: Int? = nil) {
        change { state in
            state.completed += steps
            state.total = total ?? state.total
        }
    }

    /// Sets the number of steps done and, where given, a remark shown behind the figures.
    package func update(completed: Int, total: Int? = nil, note: String? = nil) {
        change { state in
            state.completed = completed
            state.total = total ?? state.total
            state.note = note ?? state.note
        }
    }

    /// Removes the line. Call it when the work is done; an error message removes it too.
    package func finish() {
        guard isShown else { return }
        Console.draw(progress: nil)
    }

    private func change(_ body: (inout State) -> Void) {
        guard isShown else { return }
        let line: String? = state.withLock { state in
            body(&state)
            let now = ContinuousClock.now
            // The first tenth of a second shows nothing: short work needs no meter.
            guard now - (state.drawn ?? start) >= .milliseconds(100) else { return nil }
            state.drawn = now
            return Self.line(
                label: label, completed: state.completed, total: state.total, note: state.note,
                elapsed: now - start)
        }
        if let line {
            let width = StandardStreams.width(of: 2) ?? 80
            Console.draw(progress: String(line.prefix(width - 1)))
        }
    }

    /// The text of the line: `edges 1200 of 32491 (3%), 410/s, 1:16 left, circuit 311`.
    package static func line(
        label: String, completed: Int, total: Int, note: String, elapsed: Duration
    ) -> String {
        let seconds = max(elapsed / .seconds(1), 1e-9)
        let rate = Double(completed) / seconds
        var parts = ["\(label) \(completed)"]
        if total > 0 {
            parts[0] += " of \(total) (\(Int(100 * Double(completed) / Double(total)))%)"
        }
        parts.append(rate >= 10 ? "\(Int(rate))/s" : "\((rate * 100).rounded() / 100)/s")
        if total > completed, completed > 0 {
            parts.append("\(clock(Double(total - completed) / rate)) left")
        }
        if !note.isEmpty {
            parts.append(note)
        }
        return parts.joined(separator: ", ")
    }

    /// `seconds` as a person reads it: `0:07`, `12:30`, `1:02:05`.
    private static func clock(_ seconds: Double) -> String {
        guard seconds < 360_000 else { return "days" }
        let whole = Int(seconds.rounded(.up))
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let tail = "\(whole / 60 % 60):\(padded(whole % 60))"
        guard whole >= 3600 else { return tail }
        return "\(whole / 3600):\(padded(whole / 60 % 60)):\(padded(whole % 60))"
    }
}
