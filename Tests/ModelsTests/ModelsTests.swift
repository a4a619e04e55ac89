import Models
import Testing

@Test func loadsSmolLM2() throws {
    let clock = ContinuousClock()
    for _ in 0..<3 {
        let start = clock.now
        let source = try ModelSource("smollm2")
        let opened = clock.now
        let model = try source.load()
        let loaded = clock.now
        let digest = try model.digest()
        let end = clock.now
        print("open", opened - start, "load", loaded - opened, "digest", end - loaded, digest, model.quantization)
    }
}
