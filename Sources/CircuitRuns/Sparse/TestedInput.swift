/// Variants of the tested receiver's input: each lacks one edge more than the one before.
struct TestedInput {
    /// What the variants are built from. Edges are cut one by one from an input that has most of
    /// them, and put back one by one to one that has few: so a receiver with no edges gets the
    /// ablated stream itself, not what rounding leaves of the clean one.
    enum Start {
        /// The input before the wave, `[row of extent, part, d_model]` over all pairs.
        case whole(UnsafePointer<Float>)
        /// The senders whose edges are neither cut nor in the wave.
        case ablated([Int])
    }

    let receiver: Int
    let start: Start
    /// The senders whose edges are there before the wave.
    let keptSenders: [Int]
    /// The senders whose edges are cut in turn.
    let wave: ArraySlice<Int>
    /// How many variants there are; with one more than cuts, the first lacks none of them.
    let variants: Int
    /// Whether each variant lacks its own edge alone; else also those before it.
    var cutsOneByOne = false

    /// The senders whose edges a variant has.
    func keptSenders(in variant: Int) -> [Int] {
        let cuts = (cutsOneByOne ? variant : 0)...variant
        let gone = cuts.compactMap(cut)
        return keptSenders.filter { !gone.contains($0) }
    }

    /// The sender that a variant lacks besides those that the one before it lacks.
    func cut(by variant: Int) -> Int? {
        let number = variant - (variants - wave.count)
        return number < 0 ? nil : wave[wave.startIndex + number]
    }
}
