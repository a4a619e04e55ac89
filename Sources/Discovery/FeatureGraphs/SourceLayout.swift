/// How the sources of an attribution graph are numbered while it is computed: by layer, then position;
/// of each, the active features and then the error; after all layers the tokens.
///
/// A target of a layer at a position is reached, in every layer below, by a run of neighbours: those
/// up to its position. So a row of direct effects needs no indices.
package struct SourceLayout: Hashable, Sendable {
    /// Layers of the model.
    package let layerCount: Int
    /// Positions of the prompt.
    package let length: Int
    /// Where the sources of layer l at position p begin: `starts[l * length + p]`; a last entry closes
    /// the list.
    package let starts: [Int]

    /// The layout for these numbers of active features, `[layer * length + position]`.
    init(featureCounts: [Int], length: Int) {
        layerCount = featureCounts.count / max(1, length)
        self.length = length
        var starts = [0]
        for count in featureCounts { starts.append(starts[starts.count - 1] + count + 1) }
        self.starts = starts
    }

    /// Features and errors.
    var outputCount: Int { starts[starts.count - 1] }

    /// Sources of a layer at a position; the last is the error.
    func sources(layer: Int, position: Int) -> Range<Int> {
        let cell = layer * length + position
        return starts[cell]..<starts[cell + 1]
    }

    /// Sources of a layer at the first positions.
    func sources(layer: Int, positions: Int) -> Range<Int> {
        starts[layer * length]..<starts[layer * length + positions]
    }

    /// The parts of a row that leads to layer `layer` (the number of layers for logits) at the last of
    /// `positions`: runs of sources, and where they begin in the row. Tokens follow them.
    func segments(layer: Int, positions: Int) -> (
        segments: [(start: Int, sources: Range<Int>)], count: Int
    ) {
        var segments: [(start: Int, sources: Range<Int>)] = []
        var count = 0
        for below in 0..<layer {
            let run = sources(layer: below, positions: positions)
            segments.append((count, run))
            count += run.count
        }
        return (segments, count)
    }
}
