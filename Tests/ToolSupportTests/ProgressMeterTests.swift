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

    @Test func rateAndTimeLeft() {
        #expect(
            line(1000, of: 4000, after: .seconds(10), note: "311 kept")
                == "edges 1000 of 4000 (25%), 100/s, 0:30 left, 311 kept")
    }

    @Test func slowWorkHasAFractionalRateAndHours() {
        #expect(
            line(1, of: 1801, after: .seconds(4)) == "edges 1 of 1801 (0%), 0.25/s, 2:00:00 left")
    }

    @Test func unknownTotal() {
        #expect(line(50, of: 0, after: .seconds(1)) == "edges 50, 50/s")
    }

    @Test func nothingDoneYetPromisesNothing() {
        #expect(line(0, of: 10, after: .zero) == "edges 0 of 10 (0%), 0.0/s")
    }
}
