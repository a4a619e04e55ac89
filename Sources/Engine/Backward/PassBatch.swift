import Models

/// What all layers of a pass over a batch of prompts share. The pass runs on one thread.
struct PassBatch {
    let transformer: Transformer
    let attention: BatchAttention
    /// How many key (or value) receivers a layer has.
    let keyReceiverCount: Int
    let workspace: Workspace

    /// - Parameter separatesKeyValueHeads: whether each query head has key and value receivers of
    ///   its own even though the model shares keys and values.
    init(
        _ transformer: Transformer, lengths: [Int], separatesKeyValueHeads: Bool,
        _ workspace: Workspace
    ) {
        let configuration = transformer.configuration
        self.transformer = transformer
        self.workspace = workspace
        attention = BatchAttention(transformer, lengths: lengths)
        keyReceiverCount =
            separatesKeyValueHeads ? configuration.nHeads : configuration.nKeyValueHeads
    }

    var configuration: ModelConfiguration { transformer.configuration }
    var layout: RowLayout { attention.layout }
    var rowCount: Int { layout.rowCount }
    var dModel: Int { configuration.dModel }
    /// Values of the stream in all rows.
    var streamSize: Int { rowCount * dModel }
    /// n_heads * d_head.
    var headsWidth: Int { configuration.nHeads * configuration.dHead }
    /// How many receivers the heads of a layer have: queries, keys and values.
    var headReceiverCount: Int { configuration.nHeads + 2 * keyReceiverCount }
}
