import ArgumentParser
import Experiments
package import Graphs
package import Models

/// `--ungroup-kv`: whether heads that share keys and values are one receiver of them or several.
package struct GroupingOptions: ParsableArguments {
    /// Whether each query head has key and value inputs of its own.
    @Flag(help: "Give each query head its own key and value inputs, as other tools do.")
    package var ungroupKv = false

    /// Options as the parser fills them.
    package init() {}

    /// The graph of a model.
    package func graph(of configuration: ModelConfiguration) -> ComputationalGraph {
        ComputationalGraph(configuration, ungroupedKeyValue: ungroupKv)
    }
}
