import Artifacts
import Foundation
import TestSupport
import Testing

@Suite("Pictures of circuit-show")
struct PictureTests {
    @Test("A circuit and a heat map are written as PDF and PNG, beside SVG and DOT")
    func formats() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        try shell.writeEveryKind()
        let circuit = try shell.run(
            "circuit-show --svg c.svg --dot c.dot --pdf c.pdf --png c.png loose.h5")
        #expect(circuit.status == 0 && circuit.output.isEmpty, "\(circuit.errors)")
        let map = try shell.run(
            "circuit-show --pdf m.pdf --png m.png patch-effects.h5; circuit-show --pdf e.pdf evaluation.h5"
        )
        #expect(map.status == 0, "\(map.errors)")
        for name in ["c", "m"] {
            let pdf = try Data(contentsOf: URL(fileURLWithPath: shell.folder.path("\(name).pdf")))
            #expect(pdf.starts(with: Data("%PDF-".utf8)))
            let png = try Data(contentsOf: URL(fileURLWithPath: shell.folder.path("\(name).png")))
            #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        }
        let piped = try shell.run("circuit-show --png - loose.h5 | head -c 4 | od -An -c")
        #expect(piped.output.contains("P   N   G"))
    }

    @Test("Without rsvg-convert PDF is missing input that names its package")
    func noConverter() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        let outcome = try shell.run(
            "tool=$(command -v circuit-show); PATH=/nowhere \"$tool\" --pdf e.pdf patch-effects.h5")
        #expect(outcome.status == 66)
        #expect(outcome.errors.contains("librsvg2-bin"))
        #expect(try !shell.folder.names().contains("e.pdf"))
    }

    @Test("What is merged and left out is said on stderr too, but for --quiet")
    func remarks() throws {
        let shell = try Shell()
        let known = Fixture.path("known-circuits/ioi.h5")
        let outcome = try shell.run(
            "circuit-show --dot a.dot --max-edges 30 --detail layers \(known)")
        #expect(outcome.status == 0 && outcome.errors.contains("left out: "))
        #expect(
            outcome.errors.contains("on the fewest paths") && !outcome.errors.contains("weakest"))
        let quiet = try shell.run(
            "circuit-show -q --dot b.dot --max-edges 30 --detail layers \(known)")
        #expect(quiet.errors.isEmpty)
        #expect(try shell.run("cmp a.dot b.dot").status == 0, "a drawing is always the same")
    }

    @Test("A known circuit has its paper's roles in text, JSON and picture")
    func roles() throws {
        let shell = try Shell()
        let made = try shell.run("circuit-prune -q --known ioi -o ioi.h5 && circuit-show ioi.h5")
        #expect(made.output.contains("S-inhibition") && made.output.contains("a7.h3 a7.h9 a8.h6"))
        let json = try shell.run("circuit-show --json ioi.h5").json()
        let nodes = try #require(json["nodes"] as? [[String: Any]])
        let mover = try #require(nodes.first { $0["node"] as? String == "a9.h9" })
        #expect(mover["role"] as? String == "name mover")
        #expect(try shell.run("circuit-show --dot - ioi.h5").output.contains("role name mover"))
    }

    @Test("Roles of one's own are read from JSON, and a name that isn't there is refused")
    func ownRoles() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let drawn = try shell.run(
            """
            echo '{"reader": ["a1.h*"], "writer": ["m0"]}' > r.json
            circuit-show --detail roles --roles r.json --dot - loose.h5
            """)
        #expect(drawn.status == 0, "\(drawn.errors)")
        #expect(drawn.output.contains("role reader") && drawn.output.contains("role writer"))
        for (text, words) in [
            ("{\"x\": [\"a9.h9\"]}", "no node of the graph is named 'a9.h9'"),
            ("{\"x\": [\"m0\"], \"y\": [\"m*\"]}", "m0 has two roles, x and y"),
            ("[1]", "JSON object of roles"),
        ] {
            let refused = try shell.run(
                "echo '\(text)' > r.json; circuit-show --roles r.json --dot - loose.h5")
            #expect(refused.status == 65 && refused.errors.contains(words), "\(refused.errors)")
        }
        let missing = try shell.run("circuit-show --roles nowhere.json --dot - loose.h5")
        #expect(missing.status == 66)
    }

    @Test("Named positions are columns of their own, gathered across pairs; columns bear tokens")
    func positions() throws {
        let shell = try Shell()
        let model = Fixture.path("models/demo")
        let made = try shell.run(
            """
            circuit-pairs ioi --model \(model) -n 8 --seed 1 -o pairs.h5
            circuit-patch -q --positions named pairs.h5 -o named.h5
            circuit-patch -q --positions end pairs.h5 -o end.h5
            circuit-patch -q --direction denoising pairs.h5 -o each.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let named = try shell.run("circuit-show --json named.h5").json()
        let labels = try #require(named["positions"] as? [String])
        #expect(Set(labels) == ["IO", "S1", "S2", "end"], "\(labels)")
        #expect(named["position_names"] as? [String] == labels)
        // The column of a name is what patching it alone gives.
        let column = try #require((named["effects"] as? [[Double]])?.map { $0.last })
        let alone = try #require(
            try shell.run("circuit-show --json end.h5").json()["effects"] as? [[Double]])
        #expect(column == alone.map { $0[0] })
        let each = try shell.run("circuit-show --json --normalize each.h5").json()
        let tokens = try #require(each["tokens"] as? [String])
        #expect(tokens.contains { !$0.isEmpty })
        // The residual stream of all positions that matter, patched at the first layer or the last,
        // brings the clean run back.
        let normalized = try #require(each["normalized_effects"] as? [[Double]])
        let raw = try #require(each["effects"] as? [[Double]])
        let clean = try #require(each["clean_metric"] as? [Double])
        let corrupted = try #require(each["corrupted_metric"] as? [Double])
        let gap = (zip(clean, corrupted).reduce(0) { $0 + $1.0 - $1.1 }) / Double(clean.count)
        for (row, shares) in zip(raw, normalized) {
            for (effect, share) in zip(row, shares) { #expect(abs(effect / gap - share) < 1e-5) }
        }
        let text = try shell.run("circuit-show --normalize each.h5")
        #expect(text.output.contains("0 corrupted, 1 clean") && text.output.contains("data from"))
    }

    @Test("A head's attention pattern is drawn from a cache, its rows summing to 1")
    func attention() throws {
        let shell = try Shell()
        let model = Fixture.path("models/demo")
        let made = try shell.run(
            """
            circuit-pairs ioi --model \(model) -n 3 --seed 1 -o pairs.h5
            circuit-cache -q --names '*hook_pattern' pairs.h5 -o cache.h5
            circuit-show --svg p.svg --values --hook blocks.1.attn.hook_pattern --head 2 --pair 1 cache.h5
            cat p.svg
            """)
        #expect(made.status == 0, "\(made.errors)")
        var sums: [String: Double] = [:]
        for match in made.output.matches(of: /query\) ([^,]*), to [^:]*: ([0-9.e-]+)</) {
            sums[String(match.1), default: 0] += Double(match.2) ?? .nan
        }
        #expect(!sums.isEmpty)
        // Rows of the same token are counted together.
        #expect(sums.values.allSatisfy { abs($0 - $0.rounded()) < 1e-3 && $0 > 0.5 }, "\(sums)")
        for (options, words) in [
            ("--hook blocks.1.attn.hook_pattern --head 99", "no head 99"),
            ("--hook blocks.1.attn.hook_pattern --head 0 --pair 3", "no pair 3"),
            ("--hook blocks.9.attn.hook_pattern --head 0", "not in the cache"),
            ("", "--hook"),
        ] {
            let refused = try shell.run("circuit-show --svg q.svg \(options) cache.h5")
            #expect(refused.status != 0 && refused.errors.contains(words), "\(refused.errors)")
        }
    }

    @Test("Options of drawings are refused without one, and those of another kind")
    func uselessOptions() throws {
        let shell = try Shell()
        try shell.writeEveryKind()
        for options in [
            "--title x circuit.h5", "--no-caption circuit.h5", "--values patch-effects.h5",
            "--normalize circuit.h5", "--svg a.svg --hook x --head 1 circuit.h5",
            "--svg a.svg --values circuit.h5", "--svg a.svg --title x evaluation.h5",
            "--svg a.svg --pdf a.svg circuit.h5", "--svg a.svg --head 1 circuit.h5",
        ] {
            #expect(try shell.run("circuit-show \(options)").status == 64, "\(options)")
        }
    }

    @Test("What would act on a terminal is escaped in whatever circuit-show prints and draws")
    func escapes() throws {
        let shell = try Shell()
        let evil = "\u{1B}[2J\u{202E}x\u{9B}31m"
        var circuit = CircuitArtifact.sample
        circuit.model?.name = evil
        circuit.model?.path = evil
        circuit.graph.nodes[1] = "a0.h0" + evil
        circuit.roles?[1] = evil
        try shell.write(circuit, "circuit.h5")
        var effects = PatchEffectsArtifact.sample
        effects.components[0] = evil
        effects.positions[0] = evil
        effects.tokens = nil
        effects.site = evil
        try shell.write(effects, "effects.h5")
        var evaluation = EvaluationArtifact.sample
        evaluation.figures[0].name = evil
        evaluation.curves[0].name = evil
        try shell.write(evaluation, "evaluation.h5")
        var dataset = DatasetArtifact.sample
        dataset.task = evil
        dataset.clean.texts?[0] = evil
        try shell.write(dataset, "dataset.h5")
        for command in [
            "circuit-show circuit.h5", "circuit-show effects.h5", "circuit-show evaluation.h5",
            "circuit-show dataset.h5", "circuit-show --dot - circuit.h5",
            "circuit-show --svg - effects.h5", "circuit-show --svg - evaluation.h5",
            "circuit-show --edge '\(evil)' circuit.h5", "circuit-check circuit.h5 '\(evil)'",
            "circuit-diff circuit.h5 circuit.h5",
        ] {
            let outcome = try shell.run(command)
            for text in [outcome.output, outcome.errors] {
                #expect(
                    !text.unicodeScalars.contains {
                        "\u{1B}\u{202E}\u{9B}".unicodeScalars.contains($0)
                    },
                    "\(command)")
            }
        }
        #expect(try shell.run("circuit-show effects.h5").output.contains("\\u{1b}[2J\\u{202e}x"))
    }
}
