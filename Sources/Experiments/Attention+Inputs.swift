package import Engine
package import Graphs

extension Attention {
    /// The projection that a receiver's input goes through: a head's queries, or keys or values.
    /// - Parameters:
    ///   - number: which head's queries, or which keys or values of the layer.
    ///   - count: how many keys and values the graph counts in a layer.
    package func projection(
        to input: AttentionInput, number: Int, of count: Int
    ) -> HeadProjection {
        switch input {
        case .query: queries(ofHead: number)
        case .key: keys(number, of: count)
        case .value: values(number, of: count)
        }
    }
}
