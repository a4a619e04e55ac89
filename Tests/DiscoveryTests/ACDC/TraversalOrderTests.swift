import Discovery
import Graphs
import Testing

@Suite("The order in which ACDC tests edges")
struct TraversalOrderTests {
    @Test("The presets go through the heads of a layer from opposite ends")
    func traversalOrders() {
        let graph = ComputationalGraph(nLayers: 2, nHeads: 2, nKeyValueHeads: 2, dModel: 4)
        let names = { (order: TraversalOrder, receiver: Int) in
            order.senders(of: receiver, in: graph).map { graph.senders[$0].name }
        }
        #expect(
            names(.cli, graph.logitsReceiver)
                == ["m1", "a1.h1", "a1.h0", "m0", "a0.h1", "a0.h0", "input"])
        #expect(
            names(.library, graph.logitsReceiver)
                == ["m1", "a1.h0", "a1.h1", "m0", "a0.h0", "a0.h1", "input"])
        #expect(
            names(.library, graph.receiver(mlp: 1)) == [
                "a1.h0", "a1.h1", "m0", "a0.h0", "a0.h1", "input",
            ])
        #expect(names(.library, graph.receiver(layer: 0, head: 0, .query)) == ["input"])
        let receivers = TraversalOrder.cli.receivers(of: graph).map { graph.receivers[$0].name }
        #expect(receivers.prefix(4) == ["logits", "m1", "a1.h1<v>", "a1.h0<v>"])
        #expect(receivers.suffix(2) == ["a0.h1<q>", "a0.h0<q>"])
    }
}
