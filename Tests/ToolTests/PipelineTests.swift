import Foundation
import TestSupport
import Testing

/// The tools behind one another, as the README shows them, on the trained model of fixtures/.
@Suite("The whole pipeline")
struct PipelineTests {
    private static let model = Fixture.path("models/demo")

    @Test("One pipeline leads from pairs to a circuit whose decisions agree with it")
    func pipeline() throws {
        let shell = try Shell()
        let outcome = try shell.run(
            """
            circuit-pairs ioi --model \(Self.model) -n 8 | circuit-cache - \
            | circuit-prune --threshold 0.05 - | circuit-show --json --decisions -
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let circuit = try outcome.json()
        #expect(circuit["artifact"] as? String == "circuit")
        let edges = try #require(circuit["edges"] as? [[String: Any]])
        #expect(edges.count == 927)
        let kept = Set(edges.filter { $0["in_circuit"] as? Bool == true }.map(Self.name))
        #expect(!kept.isEmpty && kept.count < 200)
        let decisions = try #require(circuit["decisions"] as? [[String: Any]])
        #expect(!decisions.isEmpty)
        let names = Set(edges.map(Self.name))
        for decision in decisions {
            let before = try #require(decision["before"] as? Double)
            let after = try #require(decision["after"] as? Double)
            let removed = try #require(decision["removed"] as? Bool)
            #expect(removed == (after - before < 0.05))
            #expect(names.contains(Self.name(decision)))
            if removed { #expect(!kept.contains(Self.name(decision))) }
        }
    }

    private static func name(_ record: [String: Any]) -> String { record["edge"] as? String ?? "" }

    @Test("Every artifact that is made on the way is valid")
    func validity() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let outcome = try shell.run(
            """
            circuit-patch -q c.h5 -o effects.h5 && circuit-prune -q --threshold 0.2 c.h5 -o tight.h5
            circuit-prune -q --threshold 0.05 c.h5 -o loose.h5
            circuit-diff --write comparison loose.h5 tight.h5 -o diff.h5
            circuit-diff --write union loose.h5 tight.h5 -o union.h5
            circuit-check -q *.h5
            """)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(try shell.run("circuit-check *.h5 | grep -c ': valid'").output == "7\n")
        #expect(try shell.run("circuit-diff loose.h5 tight.h5").status == 1)
        #expect(try shell.run("circuit-diff loose.h5 loose.h5").status == 0)
    }

    @Test("A dataset gives the same circuit as its cache")
    func datasetAndCache() throws {
        let shell = try Shell()
        try shell.makeDemoCache()
        let outcome = try shell.run(
            """
            circuit-prune -q --threshold 0.05 c.h5 -o cached.h5
            circuit-prune -q --threshold 0.05 - < d.h5 > direct.h5
            circuit-diff cached.h5 direct.h5
            """)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }

    private static let python = ProcessInfo.processInfo.environment["CIRCUITTOOLS_PYTHON"]

    @Test(
        "h5py reads a circuit and a cache as they are shown",
        .enabled(if: python != nil, "needs a Python with h5py in CIRCUITTOOLS_PYTHON"))
    func plainPython() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        #expect(try shell.run("circuit-prune -q --threshold 0.05 c.h5 -o p.h5").status == 0)
        let script = """
            import h5py
            with h5py.File("p.h5") as f, h5py.File("c.h5") as c:
                assert f.attrs["artifact"] == "circuit", f.attrs["artifact"]
                assert c["clean/blocks.0.attn.hook_z"].shape[0] == 4
                def walk(name, item):
                    if name.endswith("in_circuit") and "node" not in name and len(item) == 927:
                        print(int(item[:].sum()))
                f.visititems(walk)
            """
        try script.write(
            toFile: shell.folder.path("read.py"), atomically: true, encoding: .utf8)
        let read = try shell.run("\"$CIRCUITTOOLS_PYTHON\" read.py")
        #expect(read.status == 0, "\(read.errors)")
        let edges = try shell.shown("p.h5")["edges"] as? [[String: Any]]
        let kept = edges?.count { $0["in_circuit"] as? Bool == true }
        #expect(read.output.split(separator: "\n").first.flatMap { Int($0) } == kept)
    }
}
