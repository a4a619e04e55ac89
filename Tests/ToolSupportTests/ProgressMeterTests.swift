import Testing
import ToolSupport

@Suite("The progress line")
struct ProgressMeterTests {
    private func line(
        _ completed: Int, of total: Int, after elapsed: Duration, note: String = ""
    ) -> String {
        ProgressMeter.line(
            label: "edges", completed: completed, total: total, note: note, elapsed: elapsed)
    }

    @Test("The line has the share done, the rate, the time left and the note")
    func wholeLine() {
        #expect(
            line(1000, of: 4000, after: .seconds(10), note: "311 kept")
                == "edges 1000 of 4000 (25%), 100/s, 0:30 left, 311 kept")
    }

    @Test("Slow work has a fractional rate, long work hours")
    func slowWork() {
        #expect(
            line(1, of: 1801, after: .seconds(4)) == "edges 1 of 1801 (0%), 0.25/s, 2:00:00 left")
    }

    @Test("Where the total is unknown there is no share and no time left")
    func unknownTotal() {
        #expect(line(50, of: 0, after: .seconds(1)) == "edges 50, 50/s")
    }

    @Test("Before anything is done there is no time left")
    func nothingDone() {
        #expect(line(0, of: 10, after: .zero) == "edges 0 of 10 (0%), 0.0/s")
    }
}
