extension [EvaluationArtifact.Curve] {
    /// Encodes the group `curve_points`: the points of all curves as one table, to be grouped by its
    /// column `curve`.
    func points() throws(ArtifactError) -> ContentGroup {
        var curve: [Int32] = []
        var lower: [Double] = []
        var upper: [Double] = []
        var edgeCounts: [Int64] = []
        for (index, entry) in enumerated() {
            let count = entry.x.count
            try require(
                entry.y.count == count && entry.lower.map(\.count) ?? count == count
                    && entry.upper.map(\.count) ?? count == count
                    && entry.edgeCounts.map(\.count) ?? count == count,
                "the curve \(entry.name) has columns of unequal length")
            curve += [Int32](repeating: Int32(index), count: count)
            lower += entry.lower ?? [Double](repeating: .nan, count: count)
            upper += entry.upper ?? [Double](repeating: .nan, count: count)
            edgeCounts +=
                entry.edgeCounts?.map { Int64($0) } ?? [Int64](repeating: -1, count: count)
        }
        var group = ContentGroup()
        group.set("curve", curve, dim: "point")
        group.set("x", flatMap(\.x), dim: "point")
        group.set("y", flatMap(\.y), dim: "point")
        group.set("lower", lower, dim: "point")
        group.set("upper", upper, dim: "point")
        group.set("edge_count", edgeCounts, dim: "point")
        return group
    }

    /// Decodes the groups `curves` and `curve_points`.
    init(from root: ContentGroup) throws(ArtifactError) {
        let curves = try root.group("curves")
        let names = try curves.values("name", as: String.self)
        let xLabels = try curves.values("x_label", as: String.self)
        let yLabels = try curves.values("y_label", as: String.self)
        let points = try root.group("curve_points")
        let curveOfPoint = try points.values("curve", as: Int32.self)
        let x = try points.values("x", as: Double.self)
        let y = try points.values("y", as: Double.self)
        let lower = try points.values("lower", as: Double.self)
        let upper = try points.values("upper", as: Double.self)
        let counts = try points.values("edge_count", as: Int64.self)
        try check(
            zip(curveOfPoint, curveOfPoint.dropFirst()).allSatisfy { $0 <= $1 },
            at: "/curve_points/curve", "the curves aren't in ascending order")
        self = []
        var next = 0
        for index in names.indices {
            let end = curveOfPoint[next...].firstIndex { $0 != index } ?? curveOfPoint.count
            let range = next..<end
            // A curve whose points all have NaN (or -1) in a column was stored without that column.
            let hasInterval = range.contains { !lower[$0].isNaN || !upper[$0].isNaN }
            let hasCounts = range.contains { counts[$0] >= 0 }
            append(
                EvaluationArtifact.Curve(
                    name: names[index], xLabel: xLabels[index], yLabel: yLabels[index],
                    x: Array<Double>(x[range]), y: Array<Double>(y[range]),
                    lower: hasInterval ? Array<Double>(lower[range]) : nil,
                    upper: hasInterval ? Array<Double>(upper[range]) : nil,
                    edgeCounts: hasCounts ? counts[range].map { Int($0) } : nil))
            next = end
        }
    }
}
