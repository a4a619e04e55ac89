import Artifacts
import Basics
import Foundation
import Interchange
import ModelToolSupport
import Models
import Tasks
import Tokenization
import ToolSupport

/// Where pairs come from: a task, a file of pairs, or a dataset.
struct PairSource {
    let task: (any PairTask)?
    let file: String?
    let model: NamedModelOptions
    let count: Int?
    let seed: UInt64
    let bos: Bool?
    let skipsUnfit: Bool
    let requiresSingleTokenAnswers: Bool
    let verbosity: VerbosityOptions

    /// The pairs in the tokens of the model; what was left out, ignored or doubted is said.
    func read() throws -> SourcePairs {
        if let file, Self.isArtifact(file) { return try dataset(file) }
        try model.requireName()
        let source = try model.source()
        let tokenizer = try PairTokenizer(
            vocabulary: try vocabulary(of: source),
            contextLength: source.configuration.nContext, addBOS: bos,
            requiresSingleTokenAnswers: requiresSingleTokenAnswers)
        var inputs = [try source.input()]
        var (pairs, locations): ([TokenizedPair], [String]?) = ([], nil)
        if let task {
            pairs = try task.draw(count ?? 32, seed: seed, with: tokenizer)
        } else {
            let made = try readFile(file ?? "-", tokenizer)
            (pairs, locations) = (made.pairs, made.locations)
            inputs.append(
                ProvenanceStep.Input(name: "pairs", kind: "file", path: file ?? "", digest: nil))
        }
        return SourcePairs(
            dataset: DatasetArtifact(
                pairs, task: task?.name ?? file ?? "", seed: task == nil ? nil : seed,
                model: try source.reference(), tokenizer: tokenizer),
            model: source, tokenizer: tokenizer.vocabulary.tokenizer, inputs: inputs, history: [],
            locations: locations)
    }

    /// The model's tokens. A file of token ids can do without a tokenizer that can't be read.
    private func vocabulary(of source: ModelSource) throws(Failure) -> TaskVocabulary {
        let size = source.configuration.dVocab
        do {
            return TaskVocabulary(tokenizer: try source.tokenizerForUser(), size: size)
        } catch  where task == nil {
            return TaskVocabulary(
                tokenizer: source.tokenizerForSpelling(), size: size, whyNone: error.description)
        }
    }

    /// The pairs of a dataset, which are tokens already.
    private func dataset(_ path: String) throws -> SourcePairs {
        try GivenOptions.ofThisRun.refuse(
            ["bos", "no-bos", "skip-unfit", "single-token-answers"],
            because: "the pairs of a dataset are tokens already")
        let artifact = try ArtifactFile(path).read(DatasetArtifact.self)
        let source = try ModelOptions.source(
            model.model, of: artifact.content.model, namedBy: path)
        var pairs = SourcePairs(
            dataset: artifact.content, model: source, tokenizer: source.tokenizerForSpelling(),
            inputs: [try source.input(), artifact.input("dataset")],
            history: [artifact.provenance], locations: nil)
        if let count {
            guard count <= artifact.content.pairCount else {
                throw Failure(
                    .badData,
                    "\(path): it has \(artifact.content.pairCount) pairs, and \(count) were asked for"
                )
            }
            pairs.keep(Array(0..<count))
        }
        return pairs
    }

    /// Whether a file begins as HDF5 files do. Standard input is taken for pairs of text.
    private static func isArtifact(_ path: String) -> Bool {
        guard path != "-", let file = FileHandle(forReadingAtPath: path) else { return false }
        return (try? file.read(upToCount: 8)) == Data([137, 72, 68, 70, 13, 10, 26, 10])
    }

    /// The pairs of `--from`, telling the user what was left out and what metrics may not take.
    private func readFile(
        _ path: String, _ tokenizer: PairTokenizer
    ) throws -> PairFile.Tokenized {
        if path == "-", StandardStreams.inputIsTerminal {
            throw Failure(
                .usage, "standard input is a terminal; give --from a file, or pipe one in")
        }
        let file = try PairFile.read(path)
        let made = try file.tokenized(with: tokenizer, count: count, skippingUnfit: skipsUnfit)
        if let first = made.unfit.first {
            verbosity.note("left out \(made.unfit.count) pairs that don't fit; the first: \(first)")
        }
        for warning in file.warnings + made.warnings { Console.warning(warning) }
        let long = made.pairs.count { pair in
            (pair.answers + pair.wrongAnswers).contains { $0.count > 1 }
        }
        if long > 0 {
            verbosity.note(
                "\(long) of \(made.pairs.count) pairs have answers of several tokens, which of all metrics only "
                    + "answer-log-prob takes (--single-token-answers refuses them)")
        }
        let bare = made.pairs.count { $0.answers.isEmpty }
        if bare > 0 {
            verbosity.note(
                "\(bare) of \(made.pairs.count) pairs have no answers: only the metrics "
                    + Metric.allCases.filter { !$0.needsAnswers }.map(\.name).joined(
                        separator: ", ")
                    + " take them")
        }
        verbosity.detail("read \(made.pairs.count) pairs: \(file.format.name)")
        return made
    }
}

/// Pairs, their model, and how they came to be.
struct SourcePairs {
    private(set) var dataset: DatasetArtifact
    let model: ModelSource
    /// The model's tokenizer, if it has one.
    let tokenizer: Tokenizer?
    let inputs: [ProvenanceStep.Input]
    let history: [Provenance]
    /// Of each pair the line it was read from; nil where there was none.
    private(set) var locations: [String]?

    /// Leaves all pairs but these out.
    mutating func keep(_ pairs: [Int]) {
        dataset = dataset.selecting(pairs)
        locations = locations.map { all in pairs.map { all[$0] } }
    }

    /// Where a pair is from: `line 3`, or `pair 2` of a dataset.
    func location(of pair: Int) -> String { locations?[pair] ?? "pair \(pair)" }

    /// The steps that made the dataset, this one included.
    func provenance() throws -> Provenance {
        try Provenance.appending(
            .thisRun(inputs: inputs, modelDigest: model.digest(), seed: dataset.seed),
            to: history)
    }

    /// The number of pairs and their lengths, in words.
    var summary: String {
        let lengths = dataset.lengths
        return "\(dataset.pairCount) pairs of \(lengths.min() ?? 0) to \(lengths.max() ?? 0) tokens"
    }
}
