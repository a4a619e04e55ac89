import Artifacts
import Tasks
import Testing

@Suite("The sign of metrics")
struct MetricSignTests {
    @Test("Artifacts know by name which metrics are negated to a loss", arguments: Metric.allCases)
    func sign(metric: Metric) {
        #expect(MetricSign.lossSign(of: metric.rawValue) == metric.lossSign)
        #expect(MetricSign.isHigherBetter(metric.rawValue) == metric.higherIsBetter)
        #expect(metric.value(ofLoss: metric.lossSign * 2.5) == 2.5)
        #expect(metric.value(ofLoss: 0).sign == .plus)
    }
}
