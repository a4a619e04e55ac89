import ArgumentParser
import Artifacts
import Basics
import Discovery
import Engine
import Interchange
import ModelToolSupport
import Models
import ToolSupport

/// Makes steering vectors from pairs of prompts, and reads and writes those of other tools.
@main
struct VectorTool: ModelTool {
    static let configuration = CommandConfiguration.tool(
        "circuit-vector",
        abstract: "Make steering vectors from pairs of prompts; read and write control vectors.",
        discussion: """
            A steering vector is what clean prompts have more of than corrupted ones, at a site of \
            some layers and at some positions: the mean difference of their activations (ActAdd, \
            CAA), or the first principal component of the differences (repeng). circuit-steer adds it. \
            A GGUF control vector of llama.cpp or repeng is turned into an artifact; --gguf writes one.
            """,
        examples: [
            "circuit-vector --layers 13 pairs.h5 -o v.h5",
            "circuit-vector --method first-component --layers 8:20 pairs.h5 -o v.h5",
            "circuit-vector --site resid_pre --layers 6 --positions 0:5 pairs.h5 -o actadd.h5",
            "circuit-vector control.gguf -o v.h5",
            "circuit-vector --gguf control.gguf v.h5",
            "circuit-pairs --from pairs.jsonl --model smollm2 | circuit-vector --layers 13 - "
                + "| circuit-show -",
        ])

    @Argument(
        help:
            "A dataset of pairs, steering vectors, or a GGUF control vector; '-' is standard input."
    )
    var input = "-"

    @OptionGroup var output: OutputOptions
    @OptionGroup var model: ModelOptions

    @Option(
        help: ArgumentHelp("How vectors are made: \(SteeringMethod.listOfNames)."))
    var method = SteeringMethod.meanDifference

    @Option(
        help: ArgumentHelp(
            "Where: resid_pre, resid_mid, resid_post, attn_out or mlp_out, or TransformerLens's name.",
            valueName: "site"))
    var site = "resid_post"

    @Option(
        help: ArgumentHelp(
            "Layers: 6, 4,6,8 or a range such as 8:20 (20 not included) (default: all).",
            valueName: "list"))
    var layers: String?

    @Option(
        help: ArgumentHelp(
            "Positions of the pairs: end, a named one, a number, or a range such as 0:5; each has a "
                + "vector of its own.", valueName: "list"))
    var positions = "end"

    @Option(
        help: ArgumentHelp(
            "Write steering vectors as a GGUF control vector instead of an artifact.",
            valueName: "path"), completion: .file(extensions: ["gguf"]))
    var gguf: String?

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var verbosity: VerbosityOptions

    func run() throws {
        if ControlVectorFile.isGGUF(input) {
            try GivenOptions.ofThisRun.requireOnly([], because: "a control vector is only read")
            return try convert(input)
        }
        let file = try ArtifactFile(input)
        switch file.header.kind {
        case .dataset where gguf == nil: try make(file.read(DatasetArtifact.self))
        case .steeringVector:
            guard let gguf else {
                throw ValidationError(
                    "\(file.name) holds vectors already: say with --gguf where to write them as a control vector"
                )
            }
            try GivenOptions.ofThisRun.requireOnly(
                ["gguf"], because: "vectors are only written as a control vector")
            try write(file.read(SteeringVectorArtifact.self).content, to: gguf)
        case .dataset:
            throw ValidationError(
                "--gguf writes vectors that are there: make them first (-o v.h5), then give v.h5")
        case let kind:
            throw Failure(
                .badData,
                "\(file.name): it is of kind \(kind.rawValue), and dataset or steering-vector is needed"
            )
        }
    }

    private func make(_ dataset: Artifact<DatasetArtifact>) throws {
        let destination = try output.destination(keeping: input, model.model)
        guard dataset.content.pairCount > 0 else {
            throw Failure(.badData, "\(dataset.source): it has no pairs; make some")
        }
        let source = try model.source(of: dataset.content.model, namedBy: dataset.source)
        try destination.check(keeps: [source.path])
        guard
            let point = HookPoint.BlockPoint(rawValue: site)
                ?? HookPoint.BlockPoint(rawValue: "hook_" + site)
        else {
            throw ValidationError(
                "there is no site '\(site)'; take resid_pre, resid_mid, resid_post, attn_out or "
                    + "mlp_out")
        }
        let maker = try SteeringVectorMaker(
            dataset.content, site: point,
            layers: try layers.map {
                try NumberList($0, option: "--layers", noun: "layer").numbers.sorted()
            }
                ?? Array(0..<source.configuration.nLayers),
            positions: positions, with: threads.transformer(of: source))
        let meter = ProgressMeter(
            "prompts", total: 2 * dataset.content.pairCount, verbosity: verbosity.level)
        var warnings: [String] = []
        let vectors = try maker.vectors(
            method, model: source.reference(), datasetDigest: dataset.digest,
            progress: { meter.advance(by: $0) }, warn: { warnings.append($0) })
        meter.finish()
        for warning in warnings { Console.warning("\(dataset.source): \(warning)") }
        try vectors.write(
            to: destination,
            provenance: Provenance.appending(
                .thisRun(
                    inputs: [dataset.input("dataset"), source.input()], of: source,
                    threads: threads),
                to: [dataset.provenance]))
    }

    /// A control vector becomes an artifact.
    private func convert(_ path: String) throws {
        let destination = try output.destination(keeping: path)
        let (vectors, leftOut) = try ControlVectorFile.read(path)
        if !leftOut.isEmpty {
            Console.warning(
                "\(path): not read: \(leftOut.count) tensors, such as \(leftOut[0]), which are no "
                    + "directions")
        }
        try vectors.write(to: destination, provenance: Provenance.appending(.thisRun(), to: []))
    }

    private func write(_ vectors: SteeringVectorArtifact, to path: String) throws {
        try TextOutput.check(path, keeps: [input])
        if vectors.layers.first == 0, vectors.site == ControlVectorFile.site {
            Console.warning("llama.cpp reads no direction.0; repeng does")
        }
        try TextOutput.write(ControlVectorFile.bytes(of: vectors), to: path)
    }
}

extension SteeringMethod: ChoiceArgument {}
