import Artifacts
import Basics
import Engine
import Experiments
import Models

/// Activation patching: an activation is replaced by that of the other run, everything that this
/// changes is computed anew, and the change of the metric is its effect (Meng et al. 2022; Wang et al.
/// 2022).
///
/// A patch changes what comes after it in layers and positions, and the metric reads the end of the
/// prompt. So of a copy of a prompt that is patched only that is computed, from the first position
/// whose activation differs on; the copies of all layers, positions and pairs go side by side. A patch
/// that changes nothing isn't run.
package struct ActivationPatching: Sendable {
    /// The pairs and both runs.
    package let pairs: PatchedPairs
    /// What is patched.
    package let components: [PatchComponent]
    /// Where.
    package let positions: PatchPositions

    private var transformer: Transformer { pairs.experiment.transformer }

    /// Patches each of `components` at each of `positions`.
    package init(_ pairs: PatchedPairs, components: [PatchComponent], positions: PatchPositions) {
        self.pairs = pairs
        self.components = components
        self.positions = positions
    }

    /// Runs all patches.
    /// - Parameter progress: is told how far it is, from time to time.
    /// - Throws: `Failure` when the model can't read the prompts.
    package func run(progress: (PatchProgress) -> Void = { _ in }) throws -> PatchResults {
        var results = PatchResults(
            components: components.count, positions: positions.labels.count,
            pairs: pairs.layout.promptCount)
        let configuration = transformer.configuration
        let starts = components.map { PatchStart($0, in: configuration) }
        let points = Set(components.map(\.point))
        let firstLayer = starts.map(\.layer).min() ?? 0
        let known = KnownKeys.points(from: firstLayer, in: configuration)
        let base = try pairs.baseActivations(at: known.union(points).union(starts.flatMap(\.terms)))
        let patches = try patches(points, base: base)
        let changes = ActivationChanges(
            components: components, patches: components.map { patches[$0.point] },
            terms: starts.map { $0.terms.compactMap { base[$0] } },
            patchedTerms: zip(components, starts).map { $1.terms.firstIndex(of: $0.point) },
            layout: pairs.layout)
        var jobs: [(PatchJob, Continuation)] = []
        for component in components.indices {
            for job in positions.jobs(component, pairs.layout) {
                guard let first = changes.firstChange(of: job) else {
                    results[job] = 0
                    continue
                }
                jobs.append((job, starts[component].copy(of: job.pair, from: first)))
            }
        }
        PatchedCopies(jobs).run(
            pairs,
            known: KnownKeys(base, layout: pairs.layout, from: firstLayer, in: configuration),
            changes: changes, into: &results, progress: progress)
        return results
    }

    /// What is at each point, and what is put there.
    private func patches(
        _ points: Set<HookPoint>, base: [HookPoint: FloatBuffer]
    ) throws(Failure) -> [HookPoint: Patch] {
        let other = try pairs.sourceActivations(at: points)
        var patches: [HookPoint: Patch] = [:]
        for point in points {
            guard let old = base[point], let new = other[point] else { continue }
            let source = try pairs.experiment.ablation.replacement(
                of: new, pairs.layout, at: point, constants: pairs.experiment.activations.constants)
            patches[point] = Patch(base: old, source: source, layout: pairs.layout)
        }
        return patches
    }
}

/// The patches of components in the copies of prompts.
private struct ActivationChanges: PatchChanges {
    let components: [PatchComponent]
    /// Of each component.
    let patches: [Patch?]
    /// The activations of the run that is patched whose sum is the stream that a component's copies start
    /// with, and which of them the patch is made in; nil where it is made on the way.
    let terms: [[FloatBuffer]]
    let patchedTerms: [Int?]
    let layout: RowLayout

    /// The first of a job's positions where the patch differs from what is there; nil where none does.
    func firstChange(of job: PatchJob) -> Int? {
        guard let patch = patches[job.component] else { return nil }
        return job.positions.first { patch.changes(job.pair, $0, components[job.component]) }
    }

    func fill(
        _ job: PatchJob, _ positions: Range<Int>, _ stream: UnsafeMutablePointer<Float>,
        _ workspace: Workspace
    ) {
        for (index, term) in terms[job.component].enumerated() {
            let width = term.count / layout.rowCount
            let rows = term.values + (layout.starts[job.pair] + positions.lowerBound) * width
            let count = positions.count * width
            let isPatched = index == patchedTerms[job.component]
            if index > 0, !isPatched {
                stream.add(rows, count: count)
                continue
            }
            let mark = workspace.mark
            let target = index == 0 ? stream : workspace.take(count)
            target.update(from: rows, count: count)
            if isPatched {
                let rows = EditedRows(
                    values: target, stride: width, positions: positions)
                patches[job.component]?.apply(job, components[job.component], to: rows)
            }
            if index > 0 { stream.add(target, count: count) }
            workspace.reset(to: mark)
        }
    }

    func edit(_ job: PatchJob, _ rows: EditedRows, _ workspace: Workspace) {
        patches[job.component]?.apply(job, components[job.component], to: rows)
    }
}

/// What one activation is and what takes its place, `[row, part, width]`.
private struct Patch: Sendable {
    let base: FloatBuffer
    let source: FloatBuffer
    let layout: RowLayout

    private func width(_ component: PatchComponent) -> Int {
        source.count / layout.rowCount / component.partCount
    }

    /// Whether the patch differs from what is there.
    func changes(_ pair: Int, _ position: Int, _ component: PatchComponent) -> Bool {
        let offset = offset(pair, position, component)
        return (0..<width(component)).contains {
            base.values[offset + $0] != source.values[offset + $0]
        }
    }

    /// Replaces the component's part of a prompt's rows.
    func apply(_ job: PatchJob, _ component: PatchComponent, to rows: EditedRows) {
        // Patterns come head by head, as long as the prompt; here they are as long as the longest.
        if component.isPattern, rows.head != component.part { return }
        let width = width(component)
        let count = component.isPattern ? layout.length(job.pair) : width
        let column = component.isPattern ? 0 : component.part * width
        for position in job.positions.clamped(to: rows.positions) {
            let row = rows.values + (position - rows.positions.lowerBound) * rows.stride
            (row + column).update(
                from: source.values + offset(job.pair, position, component), count: count)
        }
    }

    private func offset(_ pair: Int, _ position: Int, _ component: PatchComponent) -> Int {
        let row = layout.starts[pair] + position
        return (row * component.partCount + component.part) * width(component)
    }
}

extension PatchComponent {
    fileprivate var isPattern: Bool {
        if case .block(_, .pattern) = point { true } else { false }
    }
}
