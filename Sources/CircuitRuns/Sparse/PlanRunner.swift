import Engine
import Graphs
import Models

/// Carries out an evaluation plan for the pairs of one piece, for several variants of the tested
/// receiver's input at once.
///
/// Rows are stacked pair by pair and within a pair variant by variant: `[pair, variant, row]`. So
/// every matrix product is one wide product over all variants, and a pair's variants can share
/// their keys.
struct PlanRunner: ~Copyable {
    typealias Extent = ActiveRows.Extent
    typealias Floats = UnsafeMutablePointer<Float>

    let state: CircuitState
    let plan: EvaluationPlan
    /// The MLPs of the plan that have a short way from the heads that change them, by layer.
    let headFed: [Int: HeadFedMLP]
    /// The rows that are computed: all that a change can reach, or fewer.
    let rows: ActiveRows
    let pairs: Range<Int>
    /// The clean stream that the tested receiver reads, at the context rows.
    let cleanInput: StreamAtPoint?
    /// Which variants are evaluated side by side.
    let chosenVariants: Range<Int>
    /// Scratch memory; what outlives a step is taken once and kept.
    let workspace: Workspace
    /// Changed outputs of senders minus their current ones, `[pair, variant, row, width]`.
    var changes: [Floats?]

    /// How many variants are evaluated side by side.
    var variants: Int { chosenVariants.count }
    var graph: ComputationalGraph { state.graph }
    var transformer: Transformer { state.transformer }
    var dModel: Int { transformer.configuration.dModel }
    var dHead: Int { transformer.configuration.dHead }

    init(
        _ state: CircuitState, _ plan: EvaluationPlan, headFed: [Int: HeadFedMLP] = [:],
        cleanInput: StreamAtPoint? = nil, rows: ActiveRows, unit: WorkUnit, workspace: Workspace
    ) {
        self.rows = rows
        self.state = state
        self.plan = plan
        self.headFed = headFed
        (pairs, chosenVariants) = (unit.pairs, unit.variants)
        self.cleanInput = cleanInput
        self.workspace = workspace
        changes = Array(repeating: nil, count: state.graph.senders.count)
    }

    /// The number of stacked rows of an extent.
    func count(_ extent: Extent) -> Int { variants * rows.count(extent, pairs) }

    /// Where the stacked rows of a pair start.
    func start(_ extent: Extent, _ pair: Int) -> Int {
        let starts = rows.layout(extent).starts
        return variants * (starts[pair] - starts[pairs.lowerBound])
    }

    // MARK: - Evaluating variants

    /// Evaluates variants of the tested receiver's input.
    ///
    /// In a state that keeps everything no other receiver lacks an edge, so all that read the stream
    /// at one point read the same one: the stream's change is summed up once instead of by each of
    /// them, and a sender's change is forgotten as soon as it is part of it.
    /// - Parameter final: receives the normalised final stream, `[pair, variant, d_model]`, where all
    ///   pairs and variants are; only the runner's own are written.
    mutating func evaluate(_ tested: TestedInput, final: Floats) {
        precondition(
            chosenVariants.upperBound <= tested.variants, "a runner has variants of its input")
        let mark = workspace.mark
        let streamChange = state.isWhole ? takeStreamChange() : nil
        if streamChange == nil { takeChanges(of: plan.extentOfSender.indices) }
        for layer in plan.layers {
            let layerMark = workspace.mark
            let heads = layer.heads.map { graph.sender(layer: layer.layer, head: $0.head) }
            if streamChange != nil { takeChanges(of: heads) }
            var projected: [Floats] = []
            for input in layer.projections {
                let result = takeProjection(input)
                let inputMark = workspace.mark
                let x = takeInput(input)
                fill(x, for: input, tested, streamChange)
                project(x, input, into: result)
                workspace.reset(to: inputMark)
                projected.append(result)
            }
            for head in layer.heads { change(head, of: layer.layer, projected) }
            if !graph.parallelAttentionMLP { add(changesOf: heads, toStream: streamChange) }
            if let mlp = layer.mlp {
                let sender = graph.sender(mlp: layer.layer)
                if streamChange != nil { takeChanges(of: CollectionOfOne(sender)) }
                let x = takeInput(mlp)
                let hasAblatedRows = fill(x, for: mlp, tested, streamChange)
                change(mlp, of: layer.layer, x, isExact: hasAblatedRows)
                add(changesOf: [sender], toStream: streamChange)
            }
            if graph.parallelAttentionMLP { add(changesOf: heads, toStream: streamChange) }
            workspace.reset(to: layerMark)
        }
        if let logits = plan.logits {
            let own = workspace.take(count(.end) * dModel)
            finish(logits, final: own) { runner, x in
                runner.fill(x, for: logits, tested, streamChange)
            }
            for pair in pairs {
                let row = pair * tested.variants + chosenVariants.lowerBound
                (final + row * dModel).update(
                    from: own + start(.end, pair) * dModel, count: variants * dModel)
            }
        }
        workspace.reset(to: mark)
    }

    /// Room for the changes of those senders that the plan computes.
    private mutating func takeChanges(of senders: some Sequence<Int>) {
        for sender in senders {
            guard let extent = plan.extentOfSender[sender] else { continue }
            changes[sender] = workspace.take(
                count(extent) * state.currentOutput(of: sender).width)
        }
    }

    /// The input of a receiver for each variant: its current one plus what its senders change.
    /// - Parameter streamChange: the change of the stream, if that is what its senders change.
    /// - Returns: whether parts of rows are the ablated stream's.
    @discardableResult private mutating func fill(
        _ x: Floats, for input: EvaluationPlan.Input, _ tested: TestedInput,
        _ streamChange: Floats?
    ) -> Bool {
        start(x, for: input, tested)
        // The tested receivers' own variants are all that changes them.
        if plan.tests(input.receiver) { return false }
        if let streamChange {
            add(streamChange, to: x, input)
            return false
        }
        let width = state.width(of: input.receiver)
        for sender in input.senders {
            if let rows = state.rows(of: sender, into: input.receiver) {
                add(changeOf: sender, to: x, width: width, input.extent, at: rows)
            }
        }
        return ablateRows(of: x, input)
    }

    /// Room for a receiver's input, `[pair, variant, row, part, d_model]`.
    mutating func takeInput(_ input: EvaluationPlan.Input) -> Floats {
        workspace.take(count(input.extent) * state.width(of: input.receiver))
    }

    /// Joins the parts of a receiver's input, in place.
    func join(_ x: Floats, _ input: EvaluationPlan.Input) {
        state.parts.join(x, rows: count(input.extent), at: state.point(of: input.receiver))
    }

    /// Makes the normalised final stream of the input of `logits`, which `fill` writes.
    mutating func finish(
        _ logits: EvaluationPlan.Input, final: Floats,
        fill: (inout PlanRunner, Floats) -> Void
    ) {
        let mark = workspace.mark
        let x = state.parts.isSingle ? final : takeInput(logits)
        fill(&self, x)
        join(x, logits)
        transformer.finalNorm.apply(x, to: final, rows: count(.end))
        workspace.reset(to: mark)
    }

    /// The input of a receiver for each variant: of the tested one its own, of another its current
    /// one, to which what its senders change is still to be added.
    mutating func start(
        _ x: Floats, for input: EvaluationPlan.Input, _ tested: TestedInput
    ) {
        if plan.tests(input.receiver) {
            fillTested(x, input.extent, tested)
            return
        }
        let mark = workspace.mark
        let width = state.width(of: input.receiver)
        let current = workspace.take(rows.count(input.extent, pairs) * width)
        fillCurrent(current, of: input.receiver, input.extent)
        for variant in 0..<variants {
            stack(current, as: variant, in: x, width: width, input.extent)
        }
        workspace.reset(to: mark)
    }

    /// Adds a sender's change to stacked rows of an extent.
    /// - Parameters:
    ///   - width: the values of a row of x.
    ///   - choice: which rows.
    mutating func add(
        changeOf sender: Int, to x: Floats, width: Int, _ extent: Extent,
        at choice: RowChoice = .all
    ) {
        guard let source = plan.extentOfSender[sender], let change = changes[sender] else {
            preconditionFailure("a sender that doesn't change is planned as changing")
        }
        let ownWidth = state.currentOutput(of: sender).width
        guard case .all = choice, source >= extent else {
            add(change, of: sender, source, to: x, width: width, extent, at: choice)
            return
        }
        if source == extent {
            addProjected(
                change, of: sender, stride: ownWidth, rows: count(extent), to: x, width: width)
            return
        }
        // From all active rows, only each pair's last.
        let mark = workspace.mark
        let last = workspace.take(count(.end) * ownWidth)
        var target = last
        for pair in pairs {
            let length = rows.all.length(pair)
            var row = change + (start(.all, pair) + length - 1) * ownWidth
            for _ in 0..<variants {
                target.update(from: row, count: ownWidth)
                target += ownWidth
                row += length * ownWidth
            }
        }
        addProjected(last, of: sender, stride: ownWidth, rows: count(.end), to: x, width: width)
        workspace.reset(to: mark)
    }

    /// Adds (or with `scale` -1 takes away) what a sender's compact rows are in the residual stream,
    /// of which a row has `width` values.
    func addProjected(
        _ compact: UnsafePointer<Float>, of sender: Int, stride: Int, rows: Int, to x: Floats,
        width: Int, scale: Float = 1
    ) {
        switch graph.senders[sender] {
        case .head(let layer, let head):
            transformer.layers[layer].attention.outputWeight(ofHead: head)
                .apply(
                    compact, stride: stride, to: x + state.parts.offset(ofHeadsIn: layer),
                    stride: width, rows: rows, scale: scale, keep: 1)
        case .input, .mlp, .logits:
            state.parts.add(compact, to: x, width: width, rows: rows, scale: scale)
        }
    }
}
