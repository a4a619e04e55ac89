/// How a drawing is laid out so that it fills a page, and whether its labels can be read there: estimated,
/// since only Graphviz knows the layout.
struct PageShape {
    /// Height by width, as DOT's `ratio`; nil where the drawing has the shape of a page by itself.
    let ratio: String?
    /// The width of the caption, in points.
    let captionWidth: Double
    /// The distance of boxes and arrows that are side by side, in inches.
    let distance: Double
    /// The distance of rows, in inches.
    let rowDistance: Double
    /// Whether labels are no smaller than ``smallestLabel`` where the drawing is as wide as the page.
    let isReadable: Bool

    /// The size of the smallest labels that are read with ease in print, in points.
    static let smallestLabel = 6.0
    /// What an A4 page holds between its margins: 17 by 24.7 cm, in points.
    static let pageSize = (width: 482.0, height: 700.0)
    /// How much larger than the page a drawing may be.
    private static let shrinkage = BoxOfDrawing.labelSize / smallestLabel

    init(boxes: [BoxOfDrawing], arrows: [FoldedCircuit.Arrow], isByRole: Bool) {
        guard !isByRole else {
            (ratio, captionWidth, isReadable) = (nil, 460, true)
            (distance, rowDistance) = (0.08, 0.55)
            return
        }
        let rows = Rows(boxes: boxes, arrows: arrows)
        let widest = Self.pageSize.width * Self.shrinkage
        // Closer together than 0.06 inches arrows can hardly be followed; so they are only where nothing
        // else keeps the labels large.
        let comfortable = [0.08, 0.07, 0.06].first { rows.width(distance: $0) <= widest }
        isReadable = comfortable != nil
        // By position most of the width is that of boxes.
        let isByPosition = boxes.contains { $0.position != nil }
        distance = comfortable ?? (isByPosition ? 0.08 : 0.04)
        let isTall = rows.height(distance: 0.16) > Self.pageSize.height * Self.shrinkage
        rowDistance = isTall ? 0.1 : 0.16
        let width = rows.width(distance: distance)
        let shape = rows.height(distance: rowDistance) / width
        // A narrow drawing is as large on the page when it fills the page's width.
        ratio = shape < 0.5 ? "0.68" : shape > 1.6 ? "1.45" : nil
        captionWidth = min(700, max(380, width - 60))
    }

    /// The rows of a drawing, and how much room they need.
    private struct Rows {
        /// Of each row the widths of its boxes, and how many arrows pass between them.
        private var parts: [(boxes: Double, passing: Int)] = []
        /// The sum of the heights of the rows.
        private var boxHeight = 0.0

        init(boxes: [BoxOfDrawing], arrows: [FoldedCircuit.Arrow]) {
            let rows = Dictionary(grouping: boxes, by: \.row).sorted { $0.key < $1.key }
            var places: [String: Int] = [:]
            for (place, row) in rows.enumerated() {
                for box in row.value {
                    places[box.name] = place
                    for end in box.ports.keys { places[end.unit] = place }
                }
            }
            var change = [Int](repeating: 0, count: rows.count + 1)
            for arrow in arrows {
                let ends = [places[arrow.from] ?? 0, places[arrow.to] ?? 0].sorted()
                guard ends[1] > ends[0] + 1 else { continue }
                change[ends[0] + 1] += 1
                change[ends[1]] -= 1
            }
            var count = 0
            for (place, row) in rows.enumerated() {
                count += change[place]
                parts.append((row.value.reduce(0) { $0 + $1.width + 7 }, count))
                boxHeight += row.value.map(\.height).max() ?? 0
            }
        }

        /// The width in points. What an arrow that passes a row needs was measured on the layouts of
        /// circuits of 15 to 300 edges; those too wide for a page came out within an eighth of it.
        func width(distance: Double) -> Double {
            let perArrow = 3 + 162 * distance
            return parts.map { 50 + $0.boxes + perArrow * Double($0.passing) }.max() ?? 100
        }

        /// The height in points, with a caption.
        func height(distance: Double) -> Double {
            boxHeight + 72 * distance * Double(parts.count) + 70
        }
    }
}
