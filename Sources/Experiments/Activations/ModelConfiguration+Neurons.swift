package import Graphs
package import Models

extension ModelConfiguration {
    /// How many neurons a node has: values of the embedding, of a head's z, of an MLP's hidden layer.
    package func neuronCount(of node: Node) -> Int {
        switch node {
        case .input: dModel
        case .head: dHead
        case .mlp: dMLP
        case .logits: 0
        }
    }
}
