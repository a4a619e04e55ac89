import Artifacts
import Basics
import Foundation
import Interchange
import Models
import TestSupport
import Testing

/// GGUF control vectors, as the `gguf` package writes them.
@Suite("Control vectors")
struct ControlVectorTests {
    private let path = Fixture.path("steering/control.gguf")

    @Test("repeng's file is read, and written again byte for byte")
    func roundTrip() throws {
        let (vectors, leftOut) = try ControlVectorFile.read(path)
        #expect(leftOut.isEmpty)
        #expect(vectors.layers == [1, 2, 11] && vectors.width == 16)
        #expect(vectors.site == "hook_resid_post" && vectors.modelHint == "llama")
        let values = try Safetensors(path: Fixture.path("steering/control.safetensors"))
        for (index, layer) in vectors.layers.enumerated() {
            #expect(
                try Array(vectors.vector(layer: index, position: 0))
                    == values.values(of: "direction.\(layer)").values)
        }
        let written = try ControlVectorFile.bytes(of: vectors)
        #expect(written == Array(try Data(contentsOf: URL(filePath: path))))
    }

    @Test("circuit-convert's formats have them, both ways")
    func conversion() throws {
        let converting = Converting()
        let (artifact, remarks) = try converting.read(path)
        #expect(remarks.isEmpty)
        let stored = try ArtifactFile(artifact).read(SteeringVectorArtifact.self).content
        #expect(try stored == ControlVectorFile.read(path).vectors)
        let (written, _) = try converting.write(artifact, as: "control-vector")
        #expect(try Data(at: written) == Data(at: path))
        #expect {
            try converting.read(Fixture.path("models/tiny-llama-gqa.gguf"))
        } throws: {
            "\($0)".contains("controlvector")
        }
    }

    @Test("The stream before a layer is that after the layer below")
    func residualPre() throws {
        var (vectors, _) = try ControlVectorFile.read(path)
        let bytes = try ControlVectorFile.bytes(of: vectors)
        vectors.site = "hook_resid_pre"
        vectors.layers = [2, 3, 12]
        #expect(try ControlVectorFile.bytes(of: vectors) == bytes)
        vectors.layers = [0, 3, 12]
        #expect(throws: Failure.self) { try ControlVectorFile.bytes(of: vectors) }
    }

    @Test("What a control vector can't hold is refused")
    func refused() throws {
        var (vectors, _) = try ControlVectorFile.read(path)
        vectors.site = "hook_mlp_out"
        #expect(throws: Failure.self) { try ControlVectorFile.bytes(of: vectors) }
        #expect(throws: Failure.self) {
            try ControlVectorFile.bytes(of: SteeringVectorArtifact.sample)
        }
        // A model is no control vector.
        #expect(throws: Failure.self) {
            try ControlVectorFile.read(Fixture.path("models/tiny-gpt2.gguf"))
        }
    }
}
