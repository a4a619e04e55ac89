/// Variants of the input of the tested receivers: each lacks one cut more than the one before.
struct TestedInput {
    /// What the variants are built from. Edges are cut one by one from an input that has most of
    /// them, and put back one by one to one that has few: so a receiver with no edges gets the
    /// ablated stream itself, not what rounding leaves of the clean one.
    enum Start {
        /// The input before the wave, `[row of extent, part, d_model]` over all pairs.
        case whole(UnsafePointer<Float>, ActiveRows.Extent)
        /// The input of the edges that are neither cut nor in the wave, in the same form.
        case rest(UnsafePointer<Float>, ActiveRows.Extent)
    }

    /// One of the tested receivers, whose input is that of all of them.
    let receiver: Int
    let start: Start
    /// The edges that are there before the wave.
    let edges: InputEdges
    /// What is cut in turn.
    let wave: ArraySlice<EdgeCut>
    /// What those cuts take away, as far as it is known.
    var differences: KnownDifferences?
    /// How many variants there are; with one more than cuts, the first lacks none of them.
    let variants: Int
    /// Whether each variant lacks its own cut alone; else also those before it.
    var cutsOneByOne = false

    /// The edges that a variant has.
    func edges(in variant: Int) -> InputEdges {
        var edges = edges
        for gone in ((cutsOneByOne ? variant : 0)...variant).compactMap(cut) {
            edges.set(gone, false)
        }
        return edges
    }

    /// What a variant lacks besides what the one before it lacks.
    func cut(by variant: Int) -> EdgeCut? {
        let number = variant - (variants - wave.count)
        return number < 0 ? nil : wave[wave.startIndex + number]
    }
}
