import Artifacts
import Foundation
import TestSupport
import Testing

@Suite("circuit-convert")
struct ConvertTests {
    private static let fixtures = Fixture.path("interchange")

    @Test("Names tell the formats; '-' is standard input and output, of files and of pipes")
    func pipes() throws {
        let shell = try Shell()
        try shell.write(CircuitArtifact.sample, "like.h5")
        let outcome = try shell.run(
            """
            set -e
            circuit-convert -q \(Self.fixtures)/mib.json --kv-heads 2 -o a.h5
            circuit-check -q a.h5
            circuit-convert a.h5 --to mib-json -o b.json
            cmp b.json \(Self.fixtures)/mib.json
            circuit-convert - --to mib-json < a.h5 | cmp - b.json
            cat a.h5 | circuit-convert - --to mib-json | cmp - b.json
            cat b.json | circuit-convert --kv-heads 2 - | circuit-diff a.h5 - > text
            circuit-convert --kv-heads 2 - < b.json | circuit-diff a.h5 - > text
            cat \(Self.fixtures)/eap-ig.pt | circuit-convert - --kv-heads 2 -o c.h5 2> remarks
            circuit-diff a.h5 c.h5 > text
            circuit-convert a.h5 --to eap-ig-pt | circuit-convert - --kv-heads 2 -o d.h5
            circuit-diff a.h5 d.h5 > text
            circuit-convert like.h5 -o x.graphml 2> remarks && grep -q '</graphml>' x.graphml
            circuit-convert 'like.h5#1' --to edge-list 2> remarks
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "{\"edges\": []}\n")
        #expect(try shell.run("cat remarks").output.contains("left out: "))
        let partial = try shell.folder.names().filter { $0.contains("partial") }
        #expect(partial.isEmpty)
    }

    @Test(
        "What can't be done ends with one line that says why",
        arguments: [
            ("circuit-convert none.json -o x.h5", Int32(66), "none.json"),
            ("circuit-convert . -o x.h5", 65, "not a regular file"),
            ("circuit-convert empty -o x.h5", 65, "empty"),
            ("circuit-convert text -o x.h5", 65, "--formats"),
            ("circuit-convert a.h5 -o a.h5 --to mib-json", 64, "is an input"),
            ("circuit-convert b.json -o b.json", 64, "is an input"),
            ("circuit-convert a.h5 -o a.json", 64, "mib-json"),
            ("circuit-convert a.h5 -o a.xyz", 64, "--to"),
            ("circuit-convert a.h5 --to npz -o a.npz", 64, "activation-cache"),
            ("circuit-convert a.h5 --to acdc-edges", 64, "only read"),
            ("circuit-convert a.h5 --to nothing", 64, "no format 'nothing'"),
            ("circuit-convert a.h5 --from mib-json --to mib-json", 64, "--from has no use"),
            ("circuit-convert b.json --prompt 1 -o x.h5", 64, "--prompt has no use"),
            ("circuit-convert b.json --to dataset -o x.h5", 64, "circuit or edge-scores"),
            ("circuit-convert b.json --to edge-scores -o x.h5", 64, "--like"),
            ("circuit-convert b.json --from npz -o x.h5", 65, "zip"),
            ("circuit-convert b.json --kv-heads 0 -o x.h5", 64, "--kv-heads"),
            ("circuit-convert pairs.csv -o x.h5", 64, "circuit-pairs --from"),
            ("circuit-convert code.pt --from eap-ig-pt -o x.h5", 65, "eval"),
            ("circuit-convert graph.graphml -o x.h5", 64, "only written"),
            ("circuit-convert b.json -o none/x.h5", 74, "none"),
            ("circuit-convert a.h5 --to mib-json -o none/x.json", 74, "none"),
            ("circuit-convert a.h5 --to mib-json -o /dev/full", 74, "No space"),
            ("circuit-convert b.json --like text -o x.h5", 65, "text"),
        ])
    func refusals(command: String, status: Int32, named: String) throws {
        let shell = try Shell()
        _ = try shell.run(
            """
            circuit-convert -q \(Self.fixtures)/mib.json -o a.h5
            cp \(Self.fixtures)/mib.json b.json; cp \(Self.fixtures)/code.pt .; : > empty
            echo 'Once upon a time' > text; echo clean,corrupted > pairs.csv
            circuit-convert -q a.h5 -o graph.graphml
            """)
        let outcome = try shell.run(command)
        #expect(outcome.status == status, "\(command): \(outcome.errors)")
        let errors = outcome.errorLines.filter { !$0.contains("warning: ") }
        #expect(errors.count == 1, "\(outcome.errors)")
        #expect(errors.last?.contains(named) == true, "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: shell.folder.path("x.h5")))
        #expect(try shell.folder.names().allSatisfy { !$0.contains("partial") })
    }

    @Test("An attribution graph for the viewer is read again as it was kept")
    func viewer() throws {
        let shell = try Shell()
        try shell.write(AttributionGraphArtifact.sample, "g.h5")
        let outcome = try shell.run(
            """
            set -e
            circuit-convert g.h5 -o g.json
            circuit-convert g.json --like g.h5 -o again.h5
            circuit-check -q again.h5
            circuit-convert again.h5 -o again.json
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("that pruning removed") || !outcome.errors.isEmpty)
        func lists(_ name: String) throws -> [NSDictionary] {
            let object = try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(filePath: shell.folder.path(name))))
            let graph = try #require(object as? [String: Any])
            return try ["nodes", "links"].flatMap { try #require(graph[$0] as? [NSDictionary]) }
        }
        let (first, second) = (try lists("g.json"), try lists("again.json"))
        #expect(!first.isEmpty && Set(first) == Set(second))
    }

    @Test(
        "An attribution graph for the viewer is told though its lists come before what it says of itself"
    )
    func viewerListsFirst() throws {
        let shell = try Shell()
        try shell.write(AttributionGraphArtifact.sample, "g.h5")
        _ = try shell.run("circuit-convert -q g.h5 -o g.json")
        let whole = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: shell.folder.path("g.json"))))
        let graph = try #require(whole as? [String: Any])
        func member(_ key: String) throws -> String {
            let value = try JSONSerialization.data(
                withJSONObject: try #require(graph[key]), options: .sortedKeys)
            return "\"\(key)\":\(String(decoding: value, as: UTF8.self))"
        }
        for order in [["links", "nodes", "metadata"], ["nodes", "links", "metadata"]] {
            let rest = try order.dropFirst().map { try member($0) }.joined(separator: ",")
            // More than what a format is told by lies between the first list and the rest.
            let blank = String(repeating: " ", count: 1 << 20)
            try "{\(member(order[0])),\(blank)\(rest)}".write(
                toFile: shell.folder.path("long.json"), atomically: true, encoding: .utf8)
            let asked = try shell.run("circuit-convert long.json -o x.h5")
            #expect(asked.status == 64 && asked.errors.contains("--like"), "\(asked.errors)")
            let read = try shell.run(
                "circuit-convert long.json --like g.h5 -o x.h5 && circuit-check x.h5; rm -f x.h5")
            #expect(read.status == 0, "\(order): \(read.errors)")
        }
    }
}
