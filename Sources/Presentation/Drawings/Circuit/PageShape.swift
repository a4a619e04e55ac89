/// The shape that a drawing is stretched to, so that it fills a page, and the width of its caption:
/// estimated, since only Graphviz knows the layout.
struct PageShape {
    /// Height by width, as DOT's `ratio`; nil where the drawing has the shape of a page by itself.
    let ratio: String?
    /// The width of the caption, in points.
    let captionWidth: Double

    init(boxes: [BoxOfDrawing], arrows: [FoldedCircuit.Arrow], isByRole: Bool) {
        guard !isByRole else {
            (ratio, captionWidth) = (nil, 460)
            return
        }
        let rows = Dictionary(grouping: boxes, by: \.row).sorted { $0.key < $1.key }
        var places: [String: Int] = [:]
        for (place, row) in rows.enumerated() {
            for box in row.value {
                places[box.name] = place
                for end in box.ports.keys { places[end.unit] = place }
            }
        }
        // Arrows that pass a row need room in it, as boxes do.
        var passing = [Int](repeating: 0, count: rows.count + 1)
        for arrow in arrows {
            let ends = [places[arrow.from] ?? 0, places[arrow.to] ?? 0].sorted()
            guard ends[1] > ends[0] + 1 else { continue }
            passing[ends[0] + 1] += 1
            passing[ends[1]] -= 1
        }
        var count = 0
        var width = 100.0
        for (place, row) in rows.enumerated() {
            count += passing[place]
            let boxes = row.value.reduce(0) { $0 + $1.width + 7 }
            width = max(width, 50 + boxes + 6 * Double(count))
        }
        let height = 30 * Double(rows.count)
        let shape = height / width
        ratio = shape < 0.62 ? "0.68" : shape > 1.6 ? "1.42" : nil
        captionWidth = min(700, max(380, shape > 1.6 ? height / 1.42 : width))
    }
}
