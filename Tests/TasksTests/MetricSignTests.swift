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
        #expect(MetricName.label(of: metric.rawValue) == metric.rawValue)
    }

    @Test("A user's own metric is stored whole, with its sign", arguments: [true, false])
    func custom(higherIsBetter: Bool) throws {
        let metric = Metric.custom(
            LogitMetric(
                name: "my-metric", higherIsBetter: higherIsBetter,
                terms: [
                    .init(
                        weight: -0.5, reduction: .logSumExp,
                        tokens: .listed([.init(text: " \"is\" {", id: 3), .init(id: 4)])),
                    .init(weight: 2, reduction: .mean, tokens: .answers),
                ]))
        let stored = metric.rawValue
        #expect(Metric(rawValue: stored) == metric)
        #expect(try Metric(named: stored) == metric)
        #expect(MetricSign.lossSign(of: stored) == metric.lossSign)
        #expect(MetricSign.lossName(of: stored) == (higherIsBetter ? "-my-metric" : "my-metric"))
        #expect(MetricName.label(of: stored) == "my-metric" && metric.label == "my-metric")
        #expect(MetricName.content(of: stored)?.first == "{")
        #expect(Metric(rawValue: "my-metric {}") == nil && Metric(rawValue: "my-metric") == nil)
    }
}
