import Artifacts
import Basics
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
        get throws {
            try HeatMap(
                effects(
                    ["blocks.0.hook_resid_pre", "blocks.1.hook_resid_pre"], layers: [0, 1],
                    positions: ["A", "B", "end"], [0, 1.5, -0.5, .nan, 0, 3]))
        }
    }

    @Test("Components of one per layer are shown as layer by position")
    func layersByPosition() throws {
        let layerByPosition = try layerByPosition
        #expect(layerByPosition.rows == .init(name: "layer", labels: ["0", "1"]))
        #expect(layerByPosition.columns.labels == ["A", "B", "end"])
    }

    @Test("Effects farther apart than a float32 reaches are drawn")
    func largest() throws {
        let svg = try HeatMap(
            effects(["a", "b"], layers: [0, 1], positions: ["0", "1"], [3e38, -3e38, 0, 1])
        ).svg()
        #expect(svg.contains("&gt;1e4") && !svg.contains("nan"))
    }

    @Test("Of a heat map's rows those with the largest effects are shown, in their order")
    func fewRows() throws {
        let map = try HeatMap(
            effects(
                ["a0.h0", "a1.h1", "m2", "a3.h3"], layers: [0, 1, 2, 3], positions: ["0", "1"],
                [0, -4, 1, 1, 0, 3, .nan, 2]))
        let text = map.text(limit: 2, width: 80, colours: false)
        let labels = text.split(separator: "\n").compactMap { $0.split(separator: " ").first }
        #expect(labels.dropFirst(2).prefix(3) == ["0", "2", "..."], "layers 0 and 2")
        #expect(text.contains("... 2 more"))
        #expect(!map.text(limit: 4, width: 80, colours: false).contains("more"))
    }

    @Test("Heads patched at all positions are shown as layer by head")
    func layerByHead() throws {
        let map = try HeatMap(
            effects(
                ["a0.h0", "a0.h1", "a1.h0", "a1.h1"], layers: [0, 0, 1, 1], positions: ["all"],
                [1, 2, 3, 4]))
        #expect(map.columns == .init(name: "head", labels: ["0", "1"]))
        #expect(map.values == [[1, 2], [3, 4]])
    }

    @Test("Without colours, cells show their values")
    func text() throws {
        let text = try layerByPosition.text(width: 80, colours: false)
        #expect(
            text == """
                tiny: resid_pre patched, denoising (clean into corrupted)
                layer      A     B   end
                    0   0.00  1.50 -0.50
                    1      .  0.00  3.00
                change of logit-diff; colours from -3.00 to 3.00, data from -0.50 to 3.00
                """)
    }

    @Test("Where values do not fit, cells are characters of different darkness")
    func narrowText() throws {
        let text = try layerByPosition.text(width: 14, colours: false)
        #expect(text.contains("@"))
        #expect(!text.contains("1.50"))
    }

    @Test("Positive values are blue, negative ones red")
    func colours() throws {
        let text = try layerByPosition.text(width: 80, colours: true)
        #expect(text.contains("\u{1B}[48;5;23;38;5;231m  3.00\u{1B}[0m"))
        #expect(text.contains("\u{1B}[48;5;224;38;5;16m -0.50\u{1B}[0m"))
    }

    @Test("SVG has a cell for each value, and escaped labels")
    func svg() throws {
        var map = try layerByPosition
        map.columns.labels[0] = "<A>"
        let svg = map.svg()
        #expect(svg.contains("&lt;A&gt;") && !svg.contains("<A>"))
        #expect(svg.contains("layer 1, position end: 3.0"))
        #expect(!svg.contains("nan"))
    }

    @Test("Columns are labelled with tokens, names, or both; else as positions were chosen")
    func labels() throws {
        var effects = effects(
            ["a"], layers: [0], positions: ["0", "1", "2", "3", "4"], [1, 2, 3, 4, 5])
        effects.tokens = ["<s>", "", " to", "", "  "]
        effects.positionNames = ["", "IO", "end", "", ""]
        #expect(try HeatMap(effects).columns.labels == ["<s>", "IO", "to (end)", "@3", "␣␣"])
        effects.positions = ["IO", "S1", "S2", "x", "end"]
        (effects.tokens, effects.positionNames) = (nil, nil)
        #expect(try HeatMap(effects).columns.labels == ["IO", "S1", "S2", "x", "end"])
    }

    @Test("Normalised effects are 0 for the corrupted run and 1 for the clean one")
    func normalized() throws {
        // Clean is 3, corrupted 0. Clean into corrupted: an effect of 3 brings all of it back.
        var effects = effects(["a"], layers: [0], positions: ["0", "1", "2"], [3, 0, -1.5])
        var options = HeatMap.Options()
        options.isNormalized = true
        let denoised = try HeatMap(effects, options)
        #expect(denoised.values == [[1, 0, -0.5]])
        #expect(denoised.neutral == 0)
        // Corrupted into clean: no effect leaves the clean run.
        effects.direction = "corrupted-into-clean"
        effects.effects.values = [-3, 0, 1.5]
        let noised = try HeatMap(effects, options)
        #expect(noised.values == [[0, 1, 1.5]])
        #expect(noised.neutral == 1)
        #expect(noised.text(width: 80, colours: false).contains("colours from 0.00 to 2.00"))
        // A position that only the second pair has is normalised by that pair.
        effects.cleanMetric = [3, 10]
        effects.corruptedMetric = [0, 0]
        effects.effects.values = [-5, 0, 0]
        effects.perPair = DenseArray(shape: [1, 3, 2], values: [.nan, -5, 0, 0, 0, 0])
        #expect(try HeatMap(effects, options).values == [[0.5, 1, 1]])
        effects.cleanMetric = [0, 0]
        #expect(throws: Failure.self) { try HeatMap(effects, options) }
    }

    @Test("The colour scale says where it ends, and the data where they do")
    func ranges() throws {
        let drawn = try #require(DrawnSVG(try layerByPosition.svg()))
        let texts = drawn.texts.map(\.content)
        #expect(texts.contains("3.00") && texts.contains("-3.00"))
        #expect(texts.joined(separator: " ").contains("data from -0.50 to 3.00"))
    }

    @Test("All text lies within the drawing, whatever its labels are", arguments: [1, 4, 30])
    func framed(columns: Int) throws {
        var map = HeatMap(
            title: "a title that is longer than the table is wide, as those of models are",
            valueName: "change of logit-diff", rows: .init(name: "component", labels: []),
            columns: .init(name: "position", labels: []), values: [])
        map.rows.labels = ["blocks.11.hook_resid_pre", String(repeating: "w", count: 80)]
        map.columns.labels = (0..<columns).map { String(repeating: "W", count: 1 + $0 % 30) }
        map.values = map.rows.labels.map { _ in (0..<columns).map { Float($0) } }
        for showsValues in [false, true] {
            map.options.showsValues = showsValues
            let drawn = try #require(DrawnSVG(map.svg()))
            for text in drawn.texts {
                let width = TextWidth.of(text.content, size: text.size)
                #expect(text.y < drawn.size.height)
                // Rotated labels end where they stand.
                if text.anchor == "end" { #expect(text.x - width > -width * 0.5 && text.x > 0) }
                if text.anchor == "start" { #expect(text.x + width <= drawn.size.width) }
            }
            let values = drawn.texts.filter { $0.size == 9 && $0.anchor == "middle" }
            if showsValues { #expect(values.count == 2 * columns) }
        }
    }

    @Test("A title of one's own stands in place of the usual one, and a caption can be left out")
    func captions() throws {
        var options = HeatMap.Options()
        options.title = "Mine"
        let effects = effects(["a"], layers: [0], positions: ["0", "1"], [1, 2])
        let titled = try HeatMap(effects, options).svg()
        #expect(titled.contains(">Mine<") && !titled.contains("resid_pre patched"))
        options.hasCaption = false
        #expect(!(try HeatMap(effects, options).svg().contains("data from")))
    }
}
