import Artifacts
import TestSupport
import Testing

@Suite("circuit-diff")
struct DiffTests {
    @Test("The status is 0 for the same circuit, 1 for different ones")
    func status() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        #expect(try shell.run("circuit-diff loose.h5 loose.h5").status == 0)
        let outcome = try shell.run("circuit-diff loose.h5 - < tight.h5")
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("1 only in the first, 0 only in the second, 2 in both"))
        #expect(outcome.output.contains("aligned by name"))
        #expect(outcome.errors.isEmpty)
    }

    @Test("Circuits of single neurons differ by their neurons, and keep them in unions")
    func neurons() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-score -q --level neuron c.h5 -o s.h5
            circuit-prune -q --neurons 100 --absolute s.h5 -o a.h5
            circuit-prune -q --neurons 300 --absolute s.h5 -o b.h5
            circuit-diff -q --write intersection a.h5 b.h5 -o both.h5
            circuit-diff -q --write union a.h5 b.h5 -o either.h5
            circuit-check -q both.h5 either.h5
            circuit-diff both.h5 a.h5 > text && circuit-diff either.h5 b.h5 > text
            """)
        #expect(made.status == 0, "\(made.errors)")
        let outcome = try shell.run("circuit-diff --json a.h5 b.h5")
        #expect(outcome.status == 1)
        let neurons = try #require(try outcome.json()["neurons"] as? [String: Int])
        #expect(neurons["only_first"] == 0 && neurons["only_second"] == 200)
        for (command, status) in [
            ("circuit-diff --write difference a.h5 b.h5 -o x.h5", Int32(64)),
            ("circuit-eval --random 2 --pairs c.h5 a.h5", 64),
            ("circuit-score --method mask-gradient --circuit a.h5 c.h5 -o x.h5", 65),
            ("circuit-prune --neurons 1000000 s.h5 -o x.h5", 64),
        ] {
            let refused = try shell.run(command)
            #expect(refused.status == status, "\(command): \(refused.errors)")
            #expect(refused.errorLines.count == 1, "\(refused.errors)")
        }
    }

    @Test("--json has the overlap and the edges that only one circuit has")
    func json() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let outcome = try shell.run("circuit-diff --json loose.h5 tight.h5")
        #expect(outcome.status == 1)
        let diff = try outcome.json()
        #expect(diff["same"] as? Bool == false)
        #expect(diff["edge_jaccard"] as? Double == 2.0 / 3.0)
        #expect(diff["alignment"] as? String == "name")
        let edges = try #require(diff["edges"] as? [[String: Any]])
        let only = try #require(edges.first { $0["in_second"] as? Bool == false })
        #expect(only["name"] as? String == "m0->a1.h1<q>")
    }

    @Test("Circuits of other shapes are aligned by depth and role, which is said")
    func otherShape() throws {
        let shell = try Shell()
        try shell.write(CircuitArtifact.sample(edges: ["input->m0": 1]), "small.h5")
        try shell.write(
            CircuitArtifact.sample(.sample(layers: 4, heads: 3), edges: ["input->m1": 1]),
            "large.h5"
        )
        let outcome = try shell.run("circuit-diff small.h5 large.h5")
        #expect(outcome.output.contains("aligned by relative depth and role"))
        #expect(outcome.output.contains("0~0-1, 1~2-3"))
    }

    @Test("Union, intersection and difference are circuits that can be compared again")
    func setOperations() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let both = try shell.run(
            "circuit-diff --write intersection loose.h5 tight.h5 | circuit-diff - tight.h5")
        #expect(both.status == 0, "\(both.output)\(both.errors)")
        let rest = try shell.run(
            "circuit-diff --write difference -o rest.h5 loose.h5 tight.h5 "
                + "&& circuit-check rest.h5 && circuit-show rest.h5")
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(rest.output.contains("m0->a1.h1<q>"))
        #expect(rest.output.contains("circuit-diff --write difference"), "its provenance says how")
        let union = try shell.run(
            "circuit-diff --write union loose.h5 tight.h5 | circuit-diff loose.h5 -")
        #expect(union.status == 0)
    }

    @Test("--write comparison makes an artifact that circuit-show reads")
    func comparison() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let outcome = try shell.run(
            "circuit-diff --write comparison loose.h5 tight.h5 | circuit-show -")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("circuit-diff 1.1.0"))
        #expect(outcome.output.contains("m0->a1.h1<q>"))
    }

    @Test("Circuits of different graphs are not combined, and no file is written")
    func otherGraphs() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        try shell.write(CircuitArtifact.sample(.sample(layers: 3), edges: [:]), "other.h5")
        let outcome = try shell.run("circuit-diff --write union -o u.h5 loose.h5 other.h5")
        #expect(outcome.status == 65)
        #expect(outcome.errorLines.count == 1)
        #expect(try !shell.folder.names().contains("u.h5"))
    }

    @Test(
        "A command line that makes no sense is a usage error",
        arguments: [
            "circuit-diff - -", "circuit-diff loose.h5", "circuit-diff -o x.h5 loose.h5 tight.h5",
            "circuit-diff --write xor loose.h5 tight.h5",
        ])
    func usage(command: String) throws {
        let shell = try Shell()
        try shell.writeCircuits()
        #expect(try shell.run(command).status == 64)
    }

    @Test("An artifact on a full device is an I/O error of one line")
    func fullDevice() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let outcome = try shell.run("circuit-diff --write union loose.h5 tight.h5 > /dev/full")
        #expect(outcome.status == 74)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("No space left"))
    }

    /// A small file system of its own, where the kernel lets a user make one.
    static let canMount: Bool = {
        let outcome = try? Shell().run("mkdir t && unshare -rm mount -t tmpfs -o size=64k none t")
        return outcome?.status == 0
    }()

    @Test(
        "On a disk that fills up, no file is left",
        .enabled(if: canMount, "needs user namespaces, to mount a small tmpfs"))
    func smallDisk() throws {
        let shell = try Shell()
        let graph = GraphTable.sample(layers: 8, heads: 8)
        try shell.write(CircuitArtifact.sample(graph, edges: ["input->m0": 1]), "large.h5")
        let outcome = try shell.run(
            """
            mkdir t && unshare -rm bash -c 'mount -t tmpfs -o size=64k none t &&
                { circuit-diff --write union -o t/u.h5 large.h5 large.h5; echo $?; ls -A t; }'
            """)
        #expect(outcome.output == "74\n", "nothing is left, not even a temporary file")
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("t/u.h5"))
    }

    @Test("An output in a folder that is not there is an I/O error that names it")
    func missingFolder() throws {
        let shell = try Shell()
        try shell.writeCircuits()
        let outcome = try shell.run("circuit-diff --write union -o no/u.h5 loose.h5 tight.h5")
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("no/u.h5"))
    }
}
