/// A draw of all gates.
struct GateDraw {
    /// The gates, `[edge]`.
    var mask: [Float] = []
    /// Their slopes by the log-odds.
    var slopes: [Double] = []
    /// The expected share of gates that aren't 0.
    var openShare = 0.0
    /// The slopes of the probabilities that they aren't.
    var openSlopes: [Double] = []

    init(_ logOdds: [Double], noise: [Double]) {
        mask.reserveCapacity(logOdds.count)
        slopes.reserveCapacity(logOdds.count)
        openSlopes.reserveCapacity(logOdds.count)
        for (logOdds, noise) in zip(logOdds, noise) {
            let gate = HardConcreteGate.value(logOdds, noise: noise)
            let open = HardConcreteGate.openProbability(logOdds)
            mask.append(Float(gate.value))
            slopes.append(gate.slope)
            openShare += open.value
            openSlopes.append(open.slope)
        }
        openShare /= Double(max(1, logOdds.count))
    }
}
