import Artifacts
import Basics
import Foundation
import Graphs
import Interchange
import Tasks
import Tokenization

extension Reader {
    /// Every format of other tools that an artifact is made of, by the name that `circuit-convert` gives it,
    /// and pairs of prompts.
    static var interchange: [Reader] {
        let seeds = [
            "mib-json": ["interchange/mib.json"], "eap-ig-pt": ["interchange/eap-ig*.pt"],
            "auto-circuit-pt": ["interchange/auto-circuit.pt", "interchange/code.pt"],
            "acdc-edges": ["interchange/acdc-edges.pkl"],
            "edge-pruning-json": ["interchange/edges.json"], "npz": ["interchange/cache.npz"],
            "safetensors": ["interchange/cache.safetensors"],
            "edge-list": ["tracr/*/truth.json"],
            "circuit-tracer-pt": ["interchange/circuit-tracer*.pt"],
            "control-vector": ["steering/control.gguf"],
        ]
        let formats = InterchangeFormats.all.filter { !$0.reads.isEmpty }
        return formats.map { format in
            Reader(
                name: "convert-" + format.name, seeds: seeds[format.name] ?? [], memory: 128 << 20
            ) { input in
                try convert(input, from: format)
            }
        } + [
            Reader(
                name: "pairs",
                seeds: [
                    "reference/*/*.jsonl", "tracr/*/pairs.jsonl", "steering/pairs-tiny-gpt2.jsonl",
                ]
            ) { input in
                let pairs = try PairFile(text: Array(input.bytes), source: "input")
                _ = try pairs.tokenized(with: pairTokenizer.get(), skippingUnfit: true)
            },
            Reader(name: "known-edges", seeds: ["tracr/*/truth.json"]) { input in
                _ = try EdgeListFile.circuit(input.file(), in: graph, of: nil)
            },
        ]
    }

    /// The graph of the fixtures of other tools' files.
    private static let graph = ComputationalGraph(
        nLayers: 2, nHeads: 2, nKeyValueHeads: 2, dModel: 8)

    private static let pairTokenizer = Result<PairTokenizer, any Error> {
        let tokenizer = try Tokenizer.load(folder: Repository.path("fixtures/tokenizer/tiny-gpt2"))
        return try PairTokenizer(
            vocabulary: TaskVocabulary(tokenizer: tokenizer, size: 512), contextLength: 64)
    }

    /// What files of other tools don't say: a dataset, and a circuit of their graph.
    private static let companions = Result<[LikeArtifact], any Error> {
        let scratch = try Scratch()
        defer { scratch.remove() }
        var found: [LikeArtifact] = []
        try scratch.withInput(Data()) { input in
            let golden = try ArtifactFile(
                Repository.path("fixtures/circuit/2.0.1/sample.h5"))
            var circuit = try golden.read(CircuitArtifact.self).content
            circuit.graph = graph.table
            let path = input.path("circuit.h5")
            try circuit.write(to: ArtifactOutput(path), provenance: golden.provenance())
            found = try [Repository.path("fixtures/dataset/1.1.0/sample.h5"), path].map {
                try LikeArtifact($0)
            }
        }
        return found
    }

    /// Makes artifacts of a file of another tool, with each companion and without.
    private static func convert(
        _ input: Scratch.Input, from format: any InterchangeFormat
    ) throws {
        let file = try ForeignFile(input.file())
        _ = try? InterchangeFormats.recognize(file)
        let likes: [LikeArtifact?] = try [nil] + companions.get().map(Optional.some)
        for kind in format.reads {
            for like in likes {
                let output = input.path("\(kind.rawValue).h5")
                let job = ReadingJob(
                    output: try ArtifactOutput(output), like: like,
                    step: {
                        ProvenanceStep(tool: "fuzz", version: "0", arguments: [], inputs: $0)
                    }, remark: { _ in })
                do {
                    try format.read(file, as: kind, by: job)
                    // What was made is valid.
                    let found = try verdict(on: output)
                    if !found.isValid {
                        throw Finding(
                            description: "made an artifact that isn't valid: \(found.problems)")
                    }
                } catch {
                    try requireSort(error)
                }
            }
        }
    }
}
