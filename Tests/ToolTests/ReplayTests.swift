import Artifacts
import Foundation
import TestSupport
import Testing

/// `circuit-check --files` and `--replay`: the provenance of an artifact held against what is there.
@Suite("Provenance, checked and run again")
struct ReplayTests {
    @Test("Files of the provenance are there, are missing, or were changed")
    func files() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let prune = "circuit-prune -q --threshold 0.5 c.h5 -o k.h5"
        #expect(try shell.run("\(prune) && circuit-check --files k.h5").status == 0)
        // Beside the artifact a file is found by its name.
        let moved = try shell.run(
            "mkdir in; mv c.h5 d.h5 k.h5 in; circuit-check --files in/k.h5 && mv in/* .")
        #expect(moved.status == 0, "\(moved.output)")
        let missing = try shell.run("mv d.h5 e.h5; circuit-check --files k.h5")
        #expect(missing.status == 1 && missing.output.contains("dataset d.h5: it isn't there"))
        let changed = try shell.run(
            "circuit-pairs -q ioi --model \(Fixture.path("models/demo")) -n 3 -o d.h5; "
                + "circuit-check --files k.h5")
        #expect(changed.status == 1 && changed.output.contains("dataset d.h5: it was changed"))
        #expect(try shell.run("circuit-check k.h5").status == 0)
    }

    @Test("A chain of files, of pipes, and of runs is made again with the same digests")
    func replay() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            """
            circuit-prune -q --thresholds 0.2,0.5 c.h5 -o k.h5
            circuit-eval -q 'k.h5#1' --pairs c.h5 -o e.h5 > /dev/null
            circuit-cache -q - < d.h5 | circuit-prune -q --threshold 0.5 - > piped.h5
            mkdir tmp; before=$(ls | wc -l)
            TMPDIR=$PWD/tmp circuit-check --replay e.h5 piped.h5 || exit
            rmdir tmp && test $(ls | wc -l) = $((before - 1))
            """)
        #expect(made.status == 0, "\(made.output) \(made.errors)")
        let lines = made.output.split(separator: "\n")
        #expect(lines.count { $0.hasSuffix("made again, with the same digest") } == 7)
        #expect(lines.count { $0.contains(": valid ") } == 2)
    }

    @Test("Steering vectors, and what was converted, are made again too")
    func vectorsAndConversions() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        let made = try shell.run(
            """
            circuit-vector -q --layers 1 d.h5 -o v.h5
            circuit-vector -q --gguf v.gguf v.h5 && circuit-vector -q v.gguf -o read.h5
            circuit-convert -q c.h5 -o c.npz && circuit-convert -q c.npz --like d.h5 -o back.h5
            circuit-check --replay v.h5 read.h5 back.h5
            """)
        #expect(made.status == 0, "\(made.output) \(made.errors)")
        let again = made.output.split(separator: "\n").filter {
            $0.hasSuffix("made again, with the same digest")
        }
        #expect(again.count { $0.contains("circuit-vector") } == 2, "\(made.output)")
        #expect(again.contains { $0.contains("circuit-convert") }, "\(made.output)")
    }

    @Test("What gives another digest, or can't be made again, is an error that says why")
    func failures() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 2)
        // The provenance says another threshold than the one that was used.
        let made = try shell.run("circuit-prune -q --threshold 0.5 c.h5 -o k.h5")
        #expect(made.status == 0)
        let circuit = try CircuitArtifact.read(from: shell.folder.path("k.h5"))
        let cache = try ActivationCache(shell.folder.path("c.h5"))
        func write(_ tool: String, _ arguments: [String], _ name: String) throws {
            var input = cache.input("cache")
            input.path = "c.h5"
            try circuit.content.write(
                to: ArtifactOutput(shell.folder.path(name)),
                provenance: .appending(
                    ProvenanceStep(tool: tool, version: "1", arguments: arguments, inputs: [input]),
                    to: [cache.provenance]))
        }
        try write("circuit-prune", ["--threshold", "0.1", "c.h5", "-o", "x.h5"], "other.h5")
        let other = try shell.run("circuit-check --replay other.h5")
        #expect(other.status == 1 && other.output.contains("made again, with the digest"))
        let isThere = shell.has("x.h5")
        #expect(!isThere)
        // Nothing but tools that only make artifacts is run, and nothing by a path.
        for tool in ["/bin/touch", "touch", "circuit-check", "../circuit-prune", "circuit-show"] {
            try write(tool, ["evil"], "evil.h5")
            let evil = try shell.run("circuit-check --replay evil.h5")
            #expect(evil.status == 1 && evil.output.contains("isn't a tool that only makes"))
            let isThere = shell.has("evil")
            #expect(!isThere)
        }
        for arguments in [["--gguf", "evil"], ["--gguf=evil"]] {
            try write("circuit-vector", ["c.h5"] + arguments, "evil.h5")
            let evil = try shell.run("circuit-check --replay evil.h5")
            #expect(evil.status == 1 && evil.output.contains("writes another file"))
            let isThere = shell.has("evil")
            #expect(!isThere)
        }
        for arguments in [["-qo", "evil"], ["-oevil"]] {
            try write("circuit-prune", ["--threshold", "0.5", "c.h5"] + arguments, "evil.h5")
            let evil = try shell.run("circuit-check --replay evil.h5")
            #expect(evil.status == 1 && evil.output.contains("can't be told"))
            let isThere = shell.has("evil")
            #expect(!isThere)
        }
    }
}
