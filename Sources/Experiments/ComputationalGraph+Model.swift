package import Graphs
package import Models

extension ComputationalGraph {
    /// The graph of a model.
    package init(_ configuration: ModelConfiguration, ungroupedKeyValue: Bool = false) {
        self.init(
            nLayers: configuration.nLayers, nHeads: configuration.nHeads,
            nKeyValueHeads: configuration.nKeyValueHeads, dModel: configuration.dModel,
            parallelAttentionMLP: configuration.parallelAttentionMLP,
            ungroupedKeyValue: ungroupedKeyValue)
    }
}
