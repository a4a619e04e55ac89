/// How far each edge is present: 1 is in the circuit, 0 is cut, and in between its receiver gets a
/// mixture of the sender's current and ablated output.
package enum EdgeMasks: Sendable {
    /// One mask for all pairs, `[edge]`.
    case shared([Float])
    /// One mask a position for all pairs, `[position][edge]`, as many as the longest prompt has.
    case ofPositions([[Float]])
    /// A mask for each pair: writes that of a pair, `[edge]`. It is called by several threads, for
    /// each pair once, and decides by the pair's number alone.
    case ofPairs(@Sendable (_ pair: Int, _ mask: UnsafeMutablePointer<Float>) -> Void)

    /// The mask of a circuit.
    package init(_ inCircuit: [Bool]) { self = .shared(inCircuit.map { $0 ? 1 : 0 }) }
}
