import Artifacts
import Basics
import Engine
import Experiments
import Models

/// Activation patching: an activation is replaced by that of the other run, everything after it is
/// computed anew, and the change of the metric is its effect (Meng et al. 2022; Wang et al. 2022).
///
/// Copies of the prompts, each with a patch of its own, are stacked into one forward pass that starts
/// at the layer they are patched in. A patch that changes nothing isn't run.
package struct ActivationPatching: Sendable {
    /// The pairs and both runs.
    package let pairs: PatchedPairs
    /// What is patched.
    package let components: [PatchComponent]
    /// Where.
    package let positions: PatchPositions

    private var transformer: Transformer { pairs.transformer }

    /// Patches each of `components` at each of `positions`.
    package init(_ pairs: PatchedPairs, components: [PatchComponent], positions: PatchPositions) {
        self.pairs = pairs
        self.components = components
        self.positions = positions
    }

    /// Runs all patches.
    /// - Parameter progress: is told the patches done of how many.
    /// - Throws: `Failure` when the model can't read the prompts.
    package func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws
        -> PatchResults
    {
        var results = PatchResults(
            components: components.count, positions: positions.labels.count,
            pairs: pairs.layout.promptCount)
        let total = components.count * positions.labels.count
        var done = 0
        let byLayer = Dictionary(grouping: components.indices, by: startLayer)
        let starts = byLayer.keys.map { HookPoint.block($0, .residualPre) }
        let (base, other) = try pairs.record(Set(components.map(\.point)).union(starts))
        for (layer, members) in byLayer.sorted(by: { $0.key < $1.key }) {
            try run(members, from: layer, base: base, other: other, into: &results)
            done += members.count * positions.labels.count
            progress(done, total)
        }
        return results
    }

    /// The layer whose part of the pass a component is.
    private func startLayer(_ component: Int) -> Int { max(0, components[component].layer) }

    private func run(
        _ members: [Int], from layer: Int, base: RecordedActivations, other: RecordedActivations,
        into results: inout PatchResults
    ) throws(Failure) {
        let layout = pairs.layout
        let dModel = transformer.configuration.dModel
        let points = Set(members.map { components[$0].point })
        guard let stream = base[.block(layer, .residualPre)] else { return }
        var patches: [HookPoint: Patch] = [:]
        for point in points {
            guard let old = base[point], let new = other[point] else { continue }
            let source = try pairs.ablation.replacement(
                of: new, layout, at: point, constants: pairs.constants)
            patches[point] = Patch(
                base: old, source: source, layout: layout, isPattern: point.isPattern)
        }

        let jobs = jobs(members, patches, into: &results)
        for first in Swift.stride(from: 0, to: jobs.count, by: PatchStack.most) {
            let stack = Array(jobs[first..<min(first + PatchStack.most, jobs.count)])
            let stacked = RowLayout(lengths: stack.map { layout.length($0.pair) })
            let hooks = ForwardHooks(at: points) { [components, patches] point, block in
                guard let patch = patches[point] else { return }
                for prompt in block.prompts {
                    let component = components[stack[prompt].component]
                    guard component.point == point else { continue }
                    let row = stacked.starts[prompt] - block.rows.lowerBound
                    patch.apply(
                        stack[prompt], component, to: block.values + row * block.width,
                        width: block.width)
                }
            }
            let fill: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void = { prompt, target in
                let pair = stack[prompt].pair
                target.update(
                    from: stream.values + layout.starts[pair] * dModel,
                    count: layout.length(pair) * dModel)
            }
            let final = transformer.finalStream(
                stacked, from: .layer(layer, fill: fill), rows: stacked.endRows, hooks: hooks)
            let values = pairs.metric.values(
                normalized: final, pairs: stack.map(\.pair))
            for (job, value) in zip(stack, values) {
                results[job] = Float(value - pairs.baseMetric[job.pair])
            }
        }
    }
}

extension ActivationPatching {
    /// The patches to run; the effect of those that change nothing is noted at once.
    private func jobs(
        _ members: [Int], _ patches: [HookPoint: Patch], into results: inout PatchResults
    ) -> [PatchJob] {
        var jobs: [PatchJob] = []
        for component in members {
            guard let patch = patches[components[component].point] else { continue }
            for job in positions.jobs(component, pairs.layout) {
                if patch.changes(job, components[component]) {
                    jobs.append(job)
                } else {
                    results[job] = 0
                }
            }
        }
        return jobs
    }
}

/// What one activation is and what takes its place, `[row, part, width]`.
private struct Patch: Sendable {
    let base: FloatBuffer
    let source: FloatBuffer
    let layout: RowLayout
    /// Whether it is an attention pattern, whose rows are as long as the longest prompt of the pass.
    let isPattern: Bool

    private func width(_ component: PatchComponent) -> Int {
        source.count / layout.rowCount / component.partCount
    }

    /// Whether the patch differs from what is there.
    func changes(_ job: PatchJob, _ component: PatchComponent) -> Bool {
        let width = width(component)
        return job.positions.contains { position in
            let offset = offset(job, position, component)
            return (0..<width).contains { base.values[offset + $0] != source.values[offset + $0] }
        }
    }

    /// Replaces the component's part of a prompt's rows `[position, blockWidth]`.
    func apply(
        _ job: PatchJob, _ component: PatchComponent, to values: UnsafeMutablePointer<Float>,
        width blockWidth: Int
    ) {
        let target = blockWidth / component.partCount
        let count = isPattern ? layout.length(job.pair) : target
        for position in job.positions {
            (values + position * blockWidth + component.part * target).update(
                from: source.values + offset(job, position, component), count: count)
        }
    }

    private func offset(_ job: PatchJob, _ position: Int, _ component: PatchComponent) -> Int {
        let row = layout.starts[job.pair] + position
        return (row * component.partCount + component.part) * width(component)
    }
}

extension HookPoint {
    fileprivate var isPattern: Bool {
        if case .block(_, .pattern) = self { true } else { false }
    }
}
