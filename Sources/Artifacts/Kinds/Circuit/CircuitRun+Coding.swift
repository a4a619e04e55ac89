extension [CircuitRun] {
    /// Encodes the runs as the group `runs`.
    func content(edgeCount: Int) throws(ArtifactError) -> ContentGroup {
        for (index, run) in enumerated() {
            try require(
                run.inCircuit.count == edgeCount,
                "run \(index) has \(run.inCircuit.count) edges, its graph \(edgeCount)")
            try require((run.parent ?? -1) < index, "run \(index) parts from a later run")
            try require(
                run.seed ?? 0 >= 0 && run.sharedDecisions >= 0 && run.parent ?? 0 >= 0,
                "run \(index) has a negative seed, parent or number of decisions")
        }
        var group = ContentGroup()
        group.set("threshold", map(\.threshold), dim: "run")
        group.set("order", map(\.order), dim: "run")
        group.set("seed", map { Int64($0.seed ?? -1) }, dim: "run")
        group.set("circuit_metric", map(\.circuitMetric), dim: "run")
        group.set(
            "in_circuit", DenseArray(shape: [count, edgeCount], values: flatMap(\.inCircuit)),
            dims: ["run", "edge"])
        group.set("parent", map { Int32($0.parent ?? -1) }, dim: "run")
        group.set("shared_decisions", map { Int64($0.sharedDecisions) }, dim: "run")
        var log = ContentGroup()
        let runOfDecision = enumerated().flatMap { index, run in
            repeatElement(Int32(index), count: run.decisions.count)
        }
        log.set("run", runOfDecision, dim: "run_decision")
        flatMap(\.decisions).write(into: &log, dim: "run_decision")
        group.groups["decisions"] = log
        return group
    }

    /// Decodes the group `runs`.
    init(from group: ContentGroup) throws(ArtifactError) {
        let log = try group.group("decisions")
        let runOfDecision = try log.values("run", as: Int32.self)
        try check(
            zip(runOfDecision, runOfDecision.dropFirst()).allSatisfy { $0 <= $1 },
            at: "/runs/decisions/run", "the runs aren't in ascending order")
        let decisions = try [LoggedDecision](from: log)
        var next = 0
        let thresholds = try group.values("threshold", as: Double.self)
        let orders = try group.values("order", as: String.self)
        let seeds = try group.values("seed", as: Int64.self)
        let metrics = try group.values("circuit_metric", as: Double.self)
        let inCircuit = try group.requiredArray("in_circuit", rank: 2, of: Bool.self)
        let parents = try group.values("parent", as: Int32.self)
        let shared = try group.values("shared_decisions", as: Int64.self)
        self = []
        for run in thresholds.indices {
            try check(parents[run] < run, at: "/runs/parent", "run \(run) parts from a later run")
            let end = runOfDecision[next...].firstIndex { $0 != run } ?? decisions.count
            append(
                CircuitRun(
                    threshold: thresholds[run], order: orders[run],
                    seed: seeds[run] < 0 ? nil : Int(seeds[run]), circuitMetric: metrics[run],
                    inCircuit: Array<Bool>(inCircuit[row: run]),
                    parent: parents[run] < 0 ? nil : Int(parents[run]),
                    sharedDecisions: Int(shared[run]),
                    decisions: Array<LoggedDecision>(decisions[next..<end])))
            next = end
        }
    }
}
