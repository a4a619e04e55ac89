import Artifacts
import Basics
import TestSupport
import Testing

/// What drawings and tables look up by layer and position.
@Suite("Layers and positions of attribution graphs")
struct AttributionGraphPlaceTests {
    private func expectRefusal(
        at path: String, _ change: (inout AttributionGraphArtifact) -> Void
    ) throws {
        let folder = try ScratchFolder()
        var graph = AttributionGraphArtifact.sample
        change(&graph)
        try graph.write(to: ArtifactOutput(folder.path("g.h5")), provenance: .sample())
        let error = #expect(throws: ArtifactError.self) {
            try AttributionGraphArtifact.read(from: folder.path("g.h5"))
        }
        #expect(error?.kind == .badData && error?.path == path)
    }

    @Test("A node beyond the layers or the prompt is refused, and so are too many layers")
    func outside() throws {
        try expectRefusal(at: "/nodes/layer") { $0.nodes.layers[8] = 3 }
        try expectRefusal(at: "/nodes/position") { $0.nodes.positions[2] = 2 }
        try expectRefusal(at: "/@n_layers") { $0.layerCount = 1 << 40 }
    }
}
