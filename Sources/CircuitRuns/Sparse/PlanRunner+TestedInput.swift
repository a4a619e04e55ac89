import Engine
import Graphs

/// The input of the tested receiver.
extension PlanRunner {
    /// The input of the tested receiver for each variant: one more cut from one to the next.
    mutating func fillTested(_ x: Floats, _ extent: Extent, _ tested: TestedInput) {
        let mark = workspace.mark
        let width = state.width(of: tested.receiver)
        let total = rows.count(extent, pairs) * width
        let running = workspace.take(total)
        switch tested.start {
        case .whole(let base):
            let input = base + rows.layout(extent).starts[pairs.lowerBound] * width
            running.update(from: input, count: total)
            for variant in 0..<variants {
                if let sender = tested.cut(by: variant) {
                    addDifference(of: sender, to: running, width: width, extent, scale: -1)
                    ablate(
                        state.parts.layersWithout(
                            tested.keptSenders(in: variant), before: tested.receiver, in: graph),
                        in: running, of: tested.receiver, extent)
                }
                stack(running, as: variant, in: x, width: width, extent)
                if tested.cutsOneByOne { running.update(from: input, count: total) }
            }
        case .ablated(let remaining):
            state.ablatedStream(at: state.point(of: tested.receiver)).copy(
                extent, of: pairs, to: running)
            for sender in remaining {
                addDifference(of: sender, to: running, width: width, extent, scale: 1)
            }
            for variant in (0..<variants).reversed() {
                stack(running, as: variant, in: x, width: width, extent)
                if let sender = tested.cut(by: variant) {
                    addDifference(of: sender, to: running, width: width, extent, scale: 1)
                }
            }
        }
        workspace.reset(to: mark)
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
