import Artifacts
import Presentation
import Testing

@Suite("Heat maps of patching effects")
struct HeatMapTests {
    private func effects(
        _ components: [String], layers: [Int32], positions: [String], _ values: [Float]
    ) -> PatchEffectsArtifact {
        PatchEffectsArtifact(
            model: ModelReference(name: "tiny", path: "", digest: "0", family: "gpt2"),
            level: "node", site: "resid_pre", components: components, layers: layers,
            positions: positions,
            effects: DenseArray(shape: [components.count, positions.count], values: values),
            cleanMetric: [3], corruptedMetric: [0], metric: "logit-diff",
            direction: "clean-into-corrupted", datasetDigest: "0")
    }

    private var layerByPosition: HeatMap {
        HeatMap(
            effects(
                ["blocks.0.hook_resid_pre", "blocks.1.hook_resid_pre"], layers: [0, 1],
                positions: ["A", "B", "end"], [0, 1.5, -0.5, .nan, 0, 3]))
    }

    @Test("Components of one per layer are shown as layer by position")
    func layersByPosition() {
        #expect(layerByPosition.rows == .init(name: "layer", labels: ["0", "1"]))
        #expect(layerByPosition.columns.labels == ["A", "B", "end"])
    }

    @Test("Heads patched at all positions are shown as layer by head")
    func layerByHead() {
        let map = HeatMap(
            effects(
                ["a0.h0", "a0.h1", "a1.h0", "a1.h1"], layers: [0, 0, 1, 1], positions: ["all"],
                [1, 2, 3, 4]))
        #expect(map.columns == .init(name: "head", labels: ["0", "1"]))
        #expect(map.values == [[1, 2], [3, 4]])
    }

    @Test("Without colours, cells show their values")
    func text() {
        let text = layerByPosition.text(width: 80, colours: false)
        #expect(
            text == """
                tiny: resid_pre patched, clean-into-corrupted
                layer      A     B   end
                    0   0.00  1.50 -0.50
                    1      .  0.00  3.00
                change of logit-diff, from -3.00 to 3.00
                """)
    }

    @Test("Where values do not fit, cells are characters of different darkness")
    func narrowText() {
        let text = layerByPosition.text(width: 14, colours: false)
        #expect(text.contains("@"))
        #expect(!text.contains("1.50"))
    }

    @Test("Positive values are blue, negative ones red")
    func colours() {
        let text = layerByPosition.text(width: 80, colours: true)
        #expect(text.contains("\u{1B}[48;5;23;38;5;231m  3.00\u{1B}[0m"))
        #expect(text.contains("\u{1B}[48;5;224;38;5;16m -0.50\u{1B}[0m"))
    }

    @Test("SVG has a cell for each value, and escaped labels")
    func svg() {
        var map = layerByPosition
        map.columns.labels[0] = "<A>"
        let svg = map.svg()
        #expect(svg.contains("&lt;A&gt;") && !svg.contains("<A>"))
        #expect(svg.contains("layer 1, position end: 3.0"))
        #expect(!svg.contains("nan"))
    }
}
