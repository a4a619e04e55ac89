import Artifacts
import Tasks
import Testing

@Suite("The sign of stored metrics")
struct StoredMetricTests {
    @Test(
        "Artifacts store each metric with the sign with which it is minimised",
        arguments: Metric.allCases)
    func sign(metric: Metric) {
        #expect(StoredMetric.sign(of: metric.rawValue) == metric.lossSign)
    }
}
