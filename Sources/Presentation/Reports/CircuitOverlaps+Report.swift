import Artifacts
import Basics
package import Graphs

extension Report {
    /// The report on how much each two of several circuits have in common.
    package init(_ overlaps: CircuitOverlaps) {
        self.init()
        let count = overlaps.names.count
        add("circuits", "\(count)")
        if overlaps.isAligned {
            add(
                "alignment",
                "some graphs differ: those are compared as circuit-diff aligns two, edges of the "
                    + "common graph against each other")
        }
        let numbers = overlaps.names.indices.map { ">\($0)" }
        func table(_ title: String, _ cell: (_ first: Int, _ second: Int) -> String) -> ReportTable
        {
            ReportTable(
                title: title, columns: [">", "circuit"] + numbers,
                rows: overlaps.names.indices.map { first in
                    ["\(first)", overlaps.names[first]]
                        + overlaps.names.indices.map { cell(first, $0) }
                }, isWhole: true)
        }
        add(
            table("edges in both; on the diagonal those of one") { first, second in
                Figures.count(Int(overlaps.sharedEdges.values[first * count + second]))
            })
        if let nodes = overlaps.sharedNodes {
            add(
                table("nodes in both; on the diagonal those of one") { first, second in
                    Figures.count(Int(nodes.values[first * count + second]))
                })
        }
        add(
            table("Jaccard index: edges in both over edges in either") { first, second in
                Figures.fixed(overlaps.jaccard.values[first * count + second], digits: 2)
            })
    }
}
