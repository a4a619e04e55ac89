import Artifacts
import Foundation
import Graphs
import Presentation
import Tasks

extension Reader {
    /// Small files in which users say what they choose.
    static var choices: [Reader] {
        [
            Reader(name: "supernodes", seeds: []) { input in
                let groups = try SupernodeFile(path: input.file())
                let file = try ArtifactFile(
                    Repository.path("fixtures/attribution-graph/1.1.0/sample.h5"))
                var selection = ReportSelection(prompt: 0)
                selection.view = try FeatureGraphView(
                    file, prompt: 0, supernodes: groups, subgraph: nil)
                _ = try Report(file, selection: selection)
            },
            Reader(name: "roles", seeds: []) { input in
                var options = PictureOptions()
                options.roles = try RoleFile(path: input.file())
                let circuit = try ArtifactFile(
                    Repository.path("fixtures/circuit/2.0.1/sample.h5"))
                _ = try Picture(circuit, options).dot()
            },
            Reader(name: "metric", seeds: []) { input in
                _ = try LogitMetric(file: input.file("metric.json"))
            },
        ]
    }
}
