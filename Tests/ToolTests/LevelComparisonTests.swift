import Foundation
import TestSupport
import Testing

/// Circuits whose edges are layers', heads' or positions' aren't compared by their number.
@Suite("Circuits of several levels")
struct LevelComparisonTests {
    @Test("circuit-eval says the level and order of each, and each level has a Pareto front")
    func fronts() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-prune -q --metric kl --level layer --threshold 0.3 c.h5 -o layer.h5
            circuit-prune -q --metric kl --threshold 0.1 --order cli,library c.h5 -o edge.h5
            circuit-eval --pairs c.h5 layer.h5 edge.h5 -o e.h5 && circuit-check -q e.h5
            circuit-show e.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        let table = made.output.split(separator: "\n")
        let title = table.firstIndex { $0.contains("Pareto front of its level") }
        let columns = try #require(
            title.map { table[$0 + 1].split(separator: " ").map(String.init) })
        #expect(columns.contains("level") && columns.contains("order"))

        let rows = try #require(shell.shown("e.h5")["circuits"] as? [[String: Any]])
        #expect(rows.compactMap { $0["level"] as? String } == ["layer", "edge", "edge"])
        #expect(rows.compactMap { $0["order"] as? String }.suffix(2) == ["cli", "library"])
        // The only circuit of layers has none to be compared with.
        #expect(rows[0]["on_front"] as? Bool == true)
        #expect(rows.dropFirst().contains { $0["on_front"] as? Bool == true })
        let drawn = try shell.run("circuit-show --svg - e.h5").output
        #expect(drawn.contains("front of level layer") && drawn.contains("front of level edge"))
    }

    @Test("Circuits of one level and order have no columns for them")
    func oneLevel() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let made = try shell.run(
            """
            circuit-prune -q --metric kl --thresholds 0.3,0.1 c.h5 -o edge.h5
            circuit-eval --pairs c.h5 edge.h5
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.contains("Pareto front\n"))
        #expect(!made.output.contains("level  ") && !made.output.contains("order  "))
    }
}
