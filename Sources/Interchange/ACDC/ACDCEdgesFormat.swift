import Artifacts
import Basics
import Graphs

/// The edges that the reference implementation of ACDC saves (`TLACDCExperiment.save_edges`): a pickle
/// of `((receiver, index, sender, index), effect)`.
struct ACDCEdgesFormat: InterchangeFormat {
    let name = "acdc-edges"
    let origin = "ACDC (Conmy et al. 2023): edges of `save_edges`"
    let extensions = ["pkl", "pth"]
    let recognition = "a pickle that names `TorchIndex`"
    let reads: [ArtifactKind] = [.circuit]
    let writes: [ArtifactKind] = []
    let cannotHold =
        "the graph (reading takes it from `--like`), the threshold, edges that were cut; it isn't "
        + "written, since a file holds instances of ACDC's own class"
    let isBinary = true

    /// Classes whose fields are read, and no code.
    private static let inert: Set = [
        "acdc.acdc_utils.TorchIndex", "acdc.TLACDCEdge.TorchIndex", "builtins.slice",
        "__builtin__.slice",
    ]

    func recognizes(_ file: ForeignFile) -> Bool {
        file.start.first == 0x80 && file.start.firstRange(of: Array("TorchIndex".utf8)) != nil
    }

    func read(_ file: ForeignFile, as kind: ArtifactKind, by job: ReadingJob) throws {
        let root = try TorchFile.pickle(path: file.path, name: file.name, inert: Self.inert)
        guard let entries = root.elements else {
            throw Failure(.badData, "\(file.name): it is \(root.description), and a list is needed")
        }
        var edges = try NamedEdges(of: file, by: job)
        var direct = 0
        for (index, entry) in entries.enumerated() {
            func bad(_ what: String) -> Failure {
                Failure(.badData, "\(file.name), [\(index)]: \(what)")
            }
            guard let parts = entry.elements, parts.count == 2, let ends = parts[0].elements,
                ends.count == 4, let receiver = ends[0].text, let sender = ends[2].text
            else { throw bad("it isn't ((receiver, index, sender, index), effect)") }
            guard let from = Self.sender(sender, head: Self.head(ends[3])) else {
                // From q_input to q and so on, which ACDC counts and other tools don't.
                if sender.hasSuffix("_input") {
                    direct += 1
                    continue
                }
                throw bad("`\(sender.prefix(80))` is no sender of the residual stream")
            }
            guard
                let to = Self.receiver(
                    receiver, head: Self.head(ends[1]), isShared: edges.sharesKeyValueHeads)
            else { throw bad("`\(receiver.prefix(80))` is no receiver of the residual stream") }
            let effect = parts[1].number.map { Float($0) }
            guard effect?.isInfinite != true, effect != nil || parts[1].isNone else {
                throw bad("its effect is \(parts[1].description)")
            }
            try edges.add("\(from)->\(to)", score: effect)
        }
        if direct > 0 {
            job.remark(
                "\(direct) edges from a head's input to its q, k or v are left out: they are no edges here"
            )
        }
        try edges.store(by: job)
    }

    /// The head in an index such as `[:, :, 3]`; nil in `[:]`.
    private static func head(_ index: PickleValue) -> Int? {
        let places = index.record?.state?["hashable_tuple"]?.elements
        return places.flatMap { $0.count == 3 ? $0[2].integer : nil }
    }

    private static func layer(_ hook: String, of suffix: String) -> Int? {
        guard hook.hasPrefix("blocks."), hook.hasSuffix("." + suffix) else { return nil }
        return Int(hook.dropFirst(7).dropLast(suffix.utf8.count + 1))
    }

    private static func sender(_ hook: String, head: Int?) -> String? {
        if ["blocks.0.hook_resid_pre", "hook_embed", "hook_pos_embed"].contains(hook) {
            return Node.input.name
        }
        if let layer = layer(hook, of: "hook_mlp_out") { return Node.mlp(layer: layer).name }
        guard let layer = layer(hook, of: "attn.hook_result"), let head else { return nil }
        return Node.head(layer: layer, head: head).name
    }

    private static func receiver(_ hook: String, head: Int?, isShared: Bool) -> String? {
        if layer(hook, of: "hook_resid_post") != nil { return Receiver.logits.name }
        if let layer = layer(hook, of: "hook_mlp_in") { return Receiver.mlp(layer: layer).name }
        for input in AttentionInput.allCases {
            guard let layer = layer(hook, of: "hook_\(input.rawValue)_input"), let head else {
                continue
            }
            return isShared && input != .query
                ? Receiver.group(layer: layer, group: head, input).name
                : Receiver.head(layer: layer, head: head, input).name
        }
        return nil
    }
}
