import Basics
import Foundation
import Models
import Testing

@Suite("Locations of models")
struct ModelLocationTests {
    let folder = fixture("models/tiny-llama")

    @Test("A model's folder is found by the path of a file inside")
    func fileInside() throws {
        for path in [folder, folder + "/", folder + "/config.json", folder + "/model.safetensors"] {
            #expect(try ModelLocation.find(path) == folder)
        }
    }

    @Test("A model has the name of its file or folder")
    func names() throws {
        #expect(try ModelSource(fixture("models/tiny-qwen2.gguf")).name == "tiny-qwen2")
        #expect(try ModelSource(folder).name == "tiny-llama")
    }

    @Test("A path without a model is refused, and the error says what is expected")
    func notFound() throws {
        expectError(.missingInput, "no-such-model", "smollm2") {
            _ = try ModelLocation.find("no-such-model")
        }
        expectError(.missingInput, "config.json") {
            _ = try ModelLocation.find(fixture("models"))
        }
        let folder = try TemporaryFolder()
        let stray = try folder.write(Array("hello".utf8), as: "stray")
        expectError(.badData, stray, "GGUF") { _ = try ModelLocation.find(stray) }
    }
}
