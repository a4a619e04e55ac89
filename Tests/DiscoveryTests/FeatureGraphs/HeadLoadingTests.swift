import Discovery
import Graphs
import Synchronization
import Testing

/// Head loadings against the reference implementation, which sets heads to zero one by one.
@Suite("Head loadings")
struct HeadLoadingTests {
    private func loadings(
        _ name: String, threads: Int = 2, mostKeptBytes: Int = 1 << 30,
        ofEdges isWanted: (Int) -> Bool = { _ in true }
    ) throws -> (FeatureGraph, [HeadLoading]) {
        let sources = try AttributionReference.sources(name, threads: threads)
        let targets = AttributionTargets(likeliest: 10, mass: 0.95, after: sources.run)
        let graph = try FeatureGraphBuilder(sources, targets: targets).graph()
        let loadings = HeadLoadings(graph, sources, targets: targets)
            .loadings(mostKeptBytes: mostKeptBytes, ofEdges: isWanted)
        return (graph, loadings)
    }

    @Test("An edge is the sum of its loadings", arguments: AttributionReference.cases)
    func sums(name: String) throws {
        let (graph, loadings) = try loadings(name)
        var sums = [Float](repeating: 0, count: graph.effects.count)
        for loading in loadings { sums[loading.edge] += loading.weight }
        #expect(gap(sums, graph.effects.values) < 1e-5)
        // Between positions nothing goes past all heads.
        for loading in loadings where loading.head == nil {
            let target = try #require(
                (0..<graph.nodeCount).first { graph.effects.row($0).contains(loading.edge) })
            let source = Int(graph.effects.columns[loading.edge])
            #expect(position(source, graph) == position(target, graph))
        }
    }

    private func position(_ node: Int, _ graph: FeatureGraph) -> Int? {
        let name = graph.name(of: node)
        guard let mark = name.firstIndex(of: "@") else { return graph.tokens.count - 1 }
        return Int(name[name.index(after: mark)...])
    }

    @Test("Loadings are what edges lack without heads", arguments: AttributionReference.cases)
    func heads(name: String) throws {
        let reference = try AttributionReference(name + "-heads")
        let edges = try reference("edges")
        let (through, last) = (try reference("through"), try reference("last"))
        let past = try reference("past")
        let (graph, loadings) = try loadings(name)
        let perEdge = through.count / past.count
        let headCount = perEdge / graph.layerCount
        var crossing = 0
        for index in past.indices {
            let (target, source) = (Int(edges[2 * index]), Int(edges[2 * index + 1]))
            let edge = try #require(
                graph.effects.row(target).first { graph.effects.columns[$0] == Int32(source) })
            var found = (
                through: [Float](repeating: 0, count: perEdge),
                last: [Float](repeating: 0, count: perEdge), past: Float(0)
            )
            for loading in loadings where loading.edge == edge {
                guard let head = loading.head else {
                    found.past = loading.weight
                    continue
                }
                let place = Int(head.layer) * headCount + Int(head.index)
                found.through[place] = loading.through
                found.last[place] = loading.weight
            }
            let range = index * perEdge..<(index + 1) * perEdge
            #expect(gap(found.through, Array(through[range])) < 1e-5)
            #expect(gap(found.last, Array(last[range])) < 1e-5)
            #expect(abs(found.past - past[index]) < 1e-5)
            if position(source, graph) != position(target, graph) { crossing += 1 }
        }
        #expect(crossing >= 12)
    }

    @Test(
        "Sources that don't fit into memory together have the same loadings",
        arguments: [1, 30_000])
    func parts(bytes: Int) throws {
        let (_, whole) = try loadings("gemma2-skip")
        let (_, parts) = try loadings("gemma2-skip", mostKeptBytes: bytes)
        #expect(parts == whole)
    }

    @Test("Progress is told up to the end", arguments: [1 << 30, 30_000])
    func progress(bytes: Int) throws {
        let sources = try AttributionReference.sources("gpt2-clt")
        let targets = AttributionTargets(likeliest: 10, mass: 0.95, after: sources.run)
        let graph = try FeatureGraphBuilder(sources, targets: targets).graph()
        let told = Mutex<(steps: Int, totals: Set<Int>)>((0, []))
        _ = HeadLoadings(graph, sources, targets: targets).loadings(
            mostKeptBytes: bytes,
            progress: { steps, total in
                told.withLock {
                    $0.steps += steps
                    $0.totals.insert(total)
                }
            }, ofEdges: { $0 % 3 == 0 })
        let (steps, totals) = told.withLock { $0 }
        #expect(totals == [steps] && steps > 100)
    }

    @Test("Loadings of chosen edges only, the same with any number of threads")
    func choice() throws {
        let (_, all) = try loadings("gpt2-clt", threads: 1)
        let (_, some) = try loadings("gpt2-clt", threads: 3) { $0 % 7 == 0 }
        #expect(!some.isEmpty)
        #expect(some == all.filter { $0.edge % 7 == 0 })
    }
}
