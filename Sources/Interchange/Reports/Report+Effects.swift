import Artifacts

extension Report {
    /// Patching effects, as a heat map.
    ///
    /// - Parameters:
    ///   - width: The columns there are.
    ///   - colours: Whether to colour the map for a terminal.
    init(
        _ artifact: Artifact<PatchEffectsArtifact>, header: ArtifactHeader, width: Int,
        colours: Bool
    ) {
        self.init(header: header, source: artifact.source)
        let effects = artifact.content
        add(effects.model)
        add("patched", "\(effects.site), \(effects.direction), ablation \(effects.ablation)")
        add(
            "metric",
            "\(effects.metric): clean \(Figures.short(Self.mean(effects.cleanMetric))), "
                + "corrupted \(Figures.short(Self.mean(effects.corruptedMetric))), "
                + "the mean over \(effects.cleanMetric.count) pairs")
        add("dataset", effects.datasetDigest)
        add("cache", effects.cacheDigest)
        add(artifact.provenance)
        if effects.level == "edge" || effects.components.count > 400 {
            add(Self.strongest(effects))
        } else {
            sections.append(.text(HeatMap(effects).text(width: width, colours: colours)))
        }
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
    }

    /// The effects as a list, where there are too many components for a map.
    private static func strongest(_ effects: PatchEffectsArtifact) -> ReportTable {
        let width = max(1, effects.positions.count)
        let order = effects.effects.values.indices
            .filter { !effects.effects.values[$0].isNaN }
            .sorted { abs(effects.effects.values[$0]) > abs(effects.effects.values[$1]) }
        return ReportTable(
            title: "effects, strongest first", columns: ["component", "position", ">effect"],
            rows: order.map { index in
                [
                    effects.components[index / width], effects.positions[index % width],
                    Figures.signed(Double(effects.effects.values[index])),
                ]
            })
    }
}
