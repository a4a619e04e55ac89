import CircuitRuns
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Models
import Testing

/// How a row of the residual stream is kept in parts where a norm follows attention, as in Gemma 2.
@Suite("Parts of the residual stream")
struct StreamPartsTests {
    @Test("Without a norm after attention a row is one part, and joining leaves it alone")
    func single() throws {
        let transformer = try ReferencePairs("tiny-llama").transformer
        let parts = StreamParts(transformer)
        let points = 0...2 * transformer.configuration.nLayers
        #expect(parts.isSingle)
        #expect(points.allSatisfy { parts.width(at: $0) == parts.dModel })
        let row = FloatBuffer((0..<parts.dModel).map { Float($0) })
        parts.join(row.values, rows: 1, at: 3)
        #expect(row.array == (0..<parts.dModel).map { Float($0) })
    }

    @Test("With one, each layer's heads before a point have a part of their own")
    func widths() throws {
        let parts = StreamParts(try ReferencePairs("tiny-gemma2").transformer)
        // Places: before layer 0, behind its attention, before layer 1, ...
        #expect([0, 1, 2, 3, 4].map(parts.partCount) == [0, 1, 1, 2, 2])
        #expect(parts.width(at: 3) == 3 * parts.dModel)
        #expect(parts.offset(ofHeadsIn: 1) == 2 * parts.dModel)
    }

    @Test("Joined, a row is its first part plus the normalised sum of each layer's heads")
    func join() throws {
        let transformer = try ReferencePairs("tiny-gemma2").transformer
        let parts = StreamParts(transformer)
        let (point, rows, dModel) = (3, 2, parts.dModel)
        let width = parts.width(at: point)
        let values = (0..<rows * width).map { Float(($0 * 7) % 13) - 6 }
        var expected: [Float] = []
        for row in 0..<rows {
            var sum = Array(values[row * width..<row * width + dModel])
            for layer in 0..<2 {
                let start = row * width + (1 + layer) * dModel
                let part = FloatBuffer(Array(values[start..<start + dModel]))
                let norm = try #require(transformer.layers[layer].postAttentionNorm)
                norm.apply(part.values, to: part.values, rows: 1)
                for index in 0..<dModel { sum[index] += part.values[index] }
            }
            expected += sum
        }
        let joined = FloatBuffer(values)
        parts.join(joined.values, rows: rows, at: point)
        #expect(Array(joined.array.prefix(rows * dModel)) == expected)
    }

    @Test("Parts of whose senders a receiver keeps none are told")
    func partsWithout() throws {
        let pairs = try ReferencePairs("tiny-gemma2")
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let all = StreamParts(pairs.transformer)
        let receiver = graph.receiver(mlp: 1)
        func parts(_ senders: [Int]) -> [Int] {
            let isPresent = (0..<graph.senderCount(of: receiver)).map(senders.contains)
            return all.ablatedParts(
                InputEdges(isPresent, positionCount: nil), into: receiver, in: graph
            ).map(\.part)
        }
        let input = [0, graph.sender(mlp: 0)]
        #expect(parts(input) == [1, 2])
        let head = graph.sender(layer: 0, head: 1)
        #expect(parts(input + [head]) == [2])
    }

    @Test("By position, they are told with the rows at which it is so")
    func partsWithoutByPosition() throws {
        let pairs = try ReferencePairs("tiny-gemma2")
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let receiver = graph.receiver(mlp: 0)
        let head = graph.sender(layer: 0, head: 1)
        let isPresent = (0..<graph.senderCount(of: receiver)).flatMap { sender in
            [false, sender == head, false]
        }
        let without = StreamParts(pairs.transformer).ablatedParts(
            InputEdges(isPresent, positionCount: 3), into: receiver, in: graph)
        #expect(without.map(\.part) == [0, 1])
        #expect((0..<3).map { without.last?.rows.contains($0) } == [true, false, true])
    }
}
