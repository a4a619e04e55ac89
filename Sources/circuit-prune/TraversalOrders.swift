import ArgumentParser
import Discovery
import ToolSupport

extension TraversalOrder: ChoiceArgument {}

/// The orders of `--order`: one, or several separated by commas.
struct TraversalOrders: ExpressibleByArgument {
    /// The orders as they were given.
    let orders: [TraversalOrder]

    init(_ orders: [TraversalOrder]) { self.orders = orders }

    init?(argument: String) {
        let names = CommaList(argument).parts
        let orders = names.compactMap(TraversalOrder.init(argument:))
        guard orders.count == names.count else { return nil }
        self.init(orders)
    }

    /// Their names, separated by commas.
    var text: String { orders.map(\.name).joined(separator: ",") }

    var defaultValueDescription: String { text }
}
