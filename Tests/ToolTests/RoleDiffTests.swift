import Foundation
import TestSupport
import Testing

@Suite("circuit-diff --by role")
struct RoleDiffTests {
    /// Makes `NAME.h5`, a circuit of 60 edges, and `NAME-cache.h5` for IOI in a model.
    private func makeCircuit(_ shell: borrowing Shell, _ name: String, model: String) throws {
        let made = try shell.run(
            """
            circuit-pairs -q ioi --model \(model) -n 6 --seed 1 -o d.h5
            circuit-cache -q --names '*.hook_pattern,*.hook_z' d.h5 -o \(name)-cache.h5
            circuit-score -q -m eap-ig-inputs --metric kl d.h5 -o s.h5
            circuit-prune -q --budget 60 --absolute s.h5 -o \(name).h5
            """)
        try #require(made.status == 0, "\(made.errors)")
    }

    private func matches(_ shown: [String: Any]) throws -> [[String: Any]] {
        let heads = try #require(shown["heads"] as? [String: Any])
        return try #require(heads["matches"] as? [[String: Any]])
    }

    private static let files = "a.h5 b.h5 --activations a-cache.h5 --activations b-cache.h5"

    /// The empty layer changes the numbers of layers and their depths too.
    @Test(
        "Heads of a model are found again under other names", arguments: [nil, 2] as [Int?])
    func permutedHeads(emptyLayer: Int?) throws {
        let shell = try Shell()
        let permuted = PermutedModel(emptyLayer: emptyLayer)
        try permuted.write(to: shell.folder.path("m"))
        try makeCircuit(shell, "a", model: Fixture.path("models/demo"))
        try makeCircuit(shell, "b", model: "m")
        let shown = try shell.run("circuit-diff --json --by role \(Self.files)")
        let json = try shown.json()
        let matches = try matches(json)
        #expect(matches.count >= 10)
        for match in matches {
            let first = try #require(match["first"] as? String)
            #expect(match["second"] as? String == (try permuted.name(ofOriginal: first)))
            #expect(try #require(match["gap"] as? Double) > 0)
            #expect(
                try #require(match["similarity"] as? Double) > (emptyLayer == nil ? 0.9999 : 0.95))
        }
        let second = try #require(json["second"] as? [String: Any])
        #expect(second["unaligned_nodes"] as? [String] == [])
        guard emptyLayer == nil else { return }
        // The whole circuit is the same under the first's names, although not by name.
        #expect(shown.status == 0, "\(shown.output)")
        #expect(json["edge_jaccard"] as? Double == 1)
        #expect(try shell.run("circuit-diff a.h5 b.h5").status == 1)
    }

    @Test("The comparison says whose numbering it uses, is stored, and shown again")
    func stored() throws {
        let shell = try Shell()
        try PermutedModel().write(to: shell.folder.path("m"))
        try makeCircuit(shell, "a", model: Fixture.path("models/demo"))
        try makeCircuit(shell, "b", model: "m")
        let text = try shell.run("circuit-diff --by role \(Self.files)")
        #expect(text.output.contains("have the first's names"))
        #expect(text.output.contains("heads that play the same part"))
        #expect(text.output.contains("end: IO"))
        let stored = try shell.run(
            """
            circuit-diff --by role --write comparison \(Self.files) -o c.h5 &&
            circuit-check -q c.h5 && circuit-show c.h5
            """)
        #expect(stored.status == 0, "\(stored.errors)")
        #expect(stored.output.contains("heads that play the same part"))
        #expect(stored.output.contains("--activations a-cache.h5"))
        let live = try shell.run("circuit-diff --json --by role \(Self.files)").json()
        #expect(
            try matches(shell.shown("c.h5")) as NSArray == matches(live) as NSArray)
        // Without activations the edges alone decide.
        let edges = try shell.run("circuit-diff --by role a.h5 b.h5")
        #expect(edges.output.contains("Compared: reads, writes, depth."))
    }

    @Test("What can't be aligned by role is refused")
    func refusals() throws {
        let shell = try Shell()
        try makeCircuit(shell, "a", model: Fixture.path("models/demo"))
        let made = try shell.run(
            """
            circuit-prune -q --level layer --threshold 0.1 d.h5 -o layer.h5
            circuit-pairs -q ioi --model \(Fixture.path("models/demo")) -n 2 --seed 2 -o other.h5
            circuit-cache -q other.h5 -o plain.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        try PermutedModel().write(to: shell.folder.path("m"))
        try makeCircuit(shell, "b", model: "m")
        let golden = Fixture.path("circuit/2.0.1/sample.h5")
        for (command, status, message) in [
            ("--by role a.h5 layer.h5", 65, "no heads"),
            ("--by name a.h5 \(golden)", 65, "by depth or role only"),
            ("--activations a-cache.h5 a.h5 b.h5", 64, "--by role"),
            ("--by role --activations a-cache.h5 a.h5 b.h5", 64, "twice"),
            ("--by role --matrix a.h5 b.h5", 64, "two circuits"),
            ("--by role --write union a.h5 b.h5", 64, "two circuits"),
            ("--by role --least-similarity 2 a.h5 b.h5", 64, "from 0 to 1"),
            (
                "--by role --activations b-cache.h5 --activations a-cache.h5 a.h5 b.h5", 65,
                "in the order of the circuits"
            ),
            (
                "--by role --activations plain.h5 --activations b-cache.h5 a.h5 b.h5", 66,
                "hook_pattern"
            ),
        ] as [(String, Int32, String)] {
            let outcome = try shell.run("circuit-diff \(command)")
            #expect(outcome.status == status, "\(command): \(outcome.errors)")
            #expect(outcome.errors.contains(message), "\(command): \(outcome.errors)")
        }
        #expect(
            try shell.run("circuit-diff --by depth a.h5 b.h5").output
                .contains("aligned by relative depth"))
    }
}
