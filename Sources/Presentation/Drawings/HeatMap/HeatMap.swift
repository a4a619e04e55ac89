/// A table of values that are shown by colour, such as the effect of patching each layer at each
/// position.
package struct HeatMap: Hashable, Sendable {
    /// What is shown.
    package var title: String
    /// What a value is, as the colour scale is labelled.
    package var valueName: String
    /// The rows.
    package var rows: Axis
    /// The columns.
    package var columns: Axis
    /// The values; NaN where there is none. Shape `[row, column]`.
    package var values: [[Float]]
    /// The value that is white: what leaves the behaviour as it was.
    package var neutral: Float = 0
    /// Where the colours begin and end; nil for as far on both sides of `neutral` as the data go on one.
    package var range: ClosedRange<Float>?
    /// What was chosen of it.
    package var options = Options()

    /// The rows or the columns of the table.
    package struct Axis: Hashable, Sendable {
        /// What they are: `layer`, `head`, `position`.
        package var name: String
        /// The label of each row or column.
        package var labels: [String]

        /// Makes an axis from its parts.
        package init(name: String, labels: [String]) {
            self.name = name
            self.labels = labels
        }
    }

    /// What a person chooses of a heat map.
    package struct Options: Hashable, Sendable {
        /// The title in place of one that says what is shown; nil for that.
        package var title: String?
        /// Whether title, scale and range are written.
        package var hasCaption = true
        /// Whether every cell shows its value; otherwise only those that stand out, where there is room.
        package var showsValues = false
        /// Whether effects are shown as shares of the difference between clean and corrupted.
        package var isNormalized = false

        /// Options as they are where nothing is chosen.
        package init() {}
    }

    /// Makes a heat map from its parts.
    package init(
        title: String, valueName: String, rows: Axis, columns: Axis, values: [[Float]]
    ) {
        self.title = title
        self.valueName = valueName
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// The finite values' smallest and largest; nil where there are none.
    var dataRange: ClosedRange<Float>? {
        let known = values.joined().filter(\.isFinite)
        guard let low = known.min(), let high = known.max() else { return nil }
        return low...high
    }

    /// How far from `neutral` the colours go: to the value farthest from it, 1 if all are there.
    var reach: Float {
        if let range { return max(range.upperBound - neutral, neutral - range.lowerBound) }
        let largest = values.joined().lazy.filter(\.isFinite).map { abs($0 - neutral) }.max() ?? 0
        return largest > 0 ? largest : 1
    }

    /// Where the colours begin and end.
    var colourRange: ClosedRange<Float> { range ?? neutral - reach...neutral + reach }

    /// Where a value lies between the ends of the colours, from -1 to 1.
    func share(of value: Float) -> Double { Double((value - neutral) / reach) }

    /// The values in one line: where the colours end, and the data's own range.
    var scaleNote: String {
        let ends = colourRange
        let colours =
            "\(valueName); colours from \(Self.short(ends.lowerBound)) to \(Self.short(ends.upperBound))"
        guard let data = dataRange else { return colours }
        return
            "\(colours), data from \(Self.short(data.lowerBound)) to \(Self.short(data.upperBound))"
    }
}
