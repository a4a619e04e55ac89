import Engine
import Graphs

/// The input of the tested receivers.
extension PlanRunner {
    /// The input of the tested receivers for each variant: one more cut from one to the next.
    mutating func fillTested(_ x: Floats, _ extent: Extent, _ tested: TestedInput) {
        let mark = workspace.mark
        let width = state.width(of: tested.receiver)
        let total = rows.count(extent, pairs) * width
        let running = workspace.take(total)
        switch tested.start {
        case .whole(let base, let baseExtent):
            copy(extent, from: base, baseExtent, to: running, width: width)
            let first = tested.cutsOneByOne ? chosenVariants.lowerBound : 0
            for variant in first..<chosenVariants.upperBound {
                if let cut = tested.cut(by: variant) {
                    add(cut, tested.differences, to: running, width: width, extent, scale: -1)
                    ablate(
                        state.parts.ablatedParts(
                            tested.edges(in: variant), into: tested.receiver, in: graph),
                        in: running, of: tested.receiver, extent)
                }
                stack(running, ifChosen: variant, in: x, width: width, extent)
                if tested.cutsOneByOne {
                    copy(extent, from: base, baseExtent, to: running, width: width)
                }
            }
        case .rest(let rest, let restExtent):
            copy(extent, from: rest, restExtent, to: running, width: width)
            for variant in (chosenVariants.lowerBound..<tested.variants).reversed() {
                stack(running, ifChosen: variant, in: x, width: width, extent)
                if let cut = tested.cut(by: variant) {
                    add(cut, tested.differences, to: running, width: width, extent, scale: 1)
                }
            }
        }
        workspace.reset(to: mark)
    }

    /// Writes the input that a receiver has of some edges alone to its rows among those of all pairs,
    /// `[row of extent, part, d_model]`.
    mutating func fillRest(
        _ rest: Floats, of receiver: Int, _ extent: Extent, _ edges: InputEdges
    ) {
        let mark = workspace.mark
        let width = state.width(of: receiver)
        var sum = workspace.take(rows.count(extent, pairs) * width)
        state.ablatedStream(at: state.point(of: receiver)).copy(
            extent, of: pairs, in: rows, to: sum)
        for sender in edges.senders {
            addDifference(
                of: sender, to: sum, width: width, extent, where: edges.rows(of: sender), scale: 1)
        }
        let layout = state.rows.layout(extent)
        for pair in pairs {
            let length = rows.layout(extent).length(pair)
            (rest + (layout.starts[pair + 1] - length) * width).update(
                from: sum, count: length * width)
            sum += length * width
        }
        workspace.reset(to: mark)
    }

    /// Adds to one variant's rows of `width` values what a cut takes away, times `scale`.
    /// - Parameter known: what it takes away, as far as that is known.
    mutating func add(
        _ cut: EdgeCut, _ known: KnownDifferences?, to x: Floats, width: Int, _ extent: Extent,
        scale: Float
    ) {
        for sender in cut.senders {
            guard cut.position == nil, let known = known?.values(of: sender, extent) else {
                addDifference(
                    of: sender, to: x, width: width, extent, where: cut.rows, scale: scale)
                continue
            }
            let first = rows.layout(extent).starts[pairs.lowerBound]
            state.parts.add(
                known + first * dModel, to: x + state.offset(of: sender), width: width,
                rows: rows.count(extent, pairs), scale: scale)
        }
    }

    /// Copies a variant's rows `[pair, row]` to their places among the stacked ones, if it is one of the
    /// runner's.
    private func stack(
        _ values: UnsafePointer<Float>, ifChosen variant: Int, in x: Floats, width: Int,
        _ extent: Extent
    ) {
        guard chosenVariants.contains(variant) else { return }
        let number = variant - chosenVariants.lowerBound
        stack(values, as: number, in: x, width: width, extent)
    }

    /// Copies one variant's rows `[pair, row]` to their places among the stacked ones.
    func stack(
        _ values: UnsafePointer<Float>, as variant: Int, in x: Floats, width: Int,
        _ extent: Extent
    ) {
        let layout = rows.layout(extent)
        let first = layout.starts[pairs.lowerBound]
        for pair in pairs {
            let count = layout.length(pair) * width
            (x + start(extent, pair) * width + variant * count).update(
                from: values + (layout.starts[pair] - first) * width, count: count)
        }
    }
}
