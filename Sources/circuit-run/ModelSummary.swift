import Experiments
import Graphs
import ModelToolSupport
import Models
import Tokenization

/// What `--info` says of a model; the names are those of TransformerLens's configuration.
struct ModelSummary: Encodable {
    var name: String
    var path: String
    var family: String
    var quantization: String
    var digest: String
    var n_layers: Int
    var n_heads: Int
    var n_key_value_heads: Int
    var d_model: Int
    var d_head: Int
    var d_mlp: Int
    var d_vocab: Int
    var d_vocab_out: Int
    var n_ctx: Int
    var tokenizer: TokenizerSummary?
    var nodes: Int
    var edges: Int
    var edges_ungrouped_kv: Int

    /// The model's tokenizer.
    struct TokenizerSummary: Encodable {
        var tokens: Int
        var bos_id: Int32?
        var eos_id: Int32?
        var adds_bos: Bool

        init(_ tokenizer: Tokenizer) {
            tokens = tokenizer.vocabularySize
            bos_id = tokenizer.bosID
            eos_id = tokenizer.eosID
            adds_bos = tokenizer.addsBOS
        }
    }

    /// Reads everything but the weights.
    init(_ source: ModelSource) throws {
        let configuration = source.configuration
        let graph = ComputationalGraph(configuration)
        name = source.name
        path = source.path
        family = configuration.family.rawValue
        quantization = source.quantization
        digest = try source.digest()
        n_layers = configuration.nLayers
        n_heads = configuration.nHeads
        n_key_value_heads = configuration.nKeyValueHeads
        d_model = configuration.dModel
        d_head = configuration.dHead
        d_mlp = configuration.dMLP
        d_vocab = configuration.dVocab
        d_vocab_out = configuration.dVocabOut
        n_ctx = configuration.nContext
        tokenizer = source.tokenizerForSpelling().map(TokenizerSummary.init)
        nodes = graph.senders.count + 1
        edges = graph.edgeCount
        edges_ungrouped_kv =
            ComputationalGraph(configuration, ungroupedKeyValue: true).edgeCount
    }

    /// The summary for a person, a line a fact.
    var text: String {
        var lines: [(String, String)] = [
            ("model", name), ("path", path), ("family", family), ("weights", quantization),
            ("digest", digest),
            (
                "shape",
                "\(n_layers) layers, \(n_heads) heads"
                    + (n_key_value_heads < n_heads ? " (\(n_key_value_heads) key-value heads)" : "")
                    + ", d_model \(d_model), d_head \(d_head), d_mlp \(d_mlp)"
            ),
            (
                "vocabulary",
                "\(d_vocab) tokens" + (d_vocab_out == d_vocab ? "" : ", \(d_vocab_out) logits")
            ),
            ("context", "\(n_ctx) tokens"),
        ]
        if let tokenizer {
            let bos = tokenizer.bos_id.map { "BOS \($0)" } ?? "no BOS"
            lines.append(
                ("tokenizer", "\(bos), \(tokenizer.adds_bos ? "added" : "not added") to prompts"))
        } else {
            lines.append(("tokenizer", "none: give prompts as token ids"))
        }
        lines.append(("nodes", "\(nodes), input and logits among them"))
        let ungrouped = n_key_value_heads < n_heads
        lines.append(
            (
                "edges",
                "\(edges)" + (ungrouped ? " (\(edges_ungrouped_kv) with --ungroup-kv)" : "")
            ))
        return lines.map { label, value in
            label + String(repeating: " ", count: 12 - label.count) + value
        }.joined(separator: "\n")
    }
}
