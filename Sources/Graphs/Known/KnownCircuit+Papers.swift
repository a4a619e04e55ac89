extension EdgeSet {
    /// Indirect object identification in GPT-2 small (Wang et al. 2022): 26 heads in seven roles.
    ///
    /// The paper leaves MLPs out of its circuit, so they are in it whole: MLPs, input and logits are
    /// joined, and MLPs to all inputs of the heads and back.
    mutating func addIndirectObjectIdentification() {
        let nameMovers = HeadGroup("name mover", (9, 9), (10, 0), (9, 6))
        let backups = HeadGroup(
            "backup name mover", (10, 10), (10, 6), (10, 2), (10, 1), (11, 2), (9, 7), (9, 0),
            (11, 9))
        let negative = HeadGroup("negative name mover", (10, 7), (11, 10))
        let inhibition = HeadGroup("S-inhibition", (7, 3), (7, 9), (8, 6), (8, 10))
        let induction = HeadGroup("induction", (5, 5), (5, 8), (5, 9), (6, 9))
        let duplicates = HeadGroup("duplicate token", (0, 1), (0, 10), (3, 0))
        let previous = HeadGroup("previous token", (2, 2), (4, 11))
        let all = [nameMovers, backups, negative, inhibition, induction, duplicates, previous]
        for group in all { name(group) }

        let mlps = (0..<graph.nLayers).map { Node.mlp(layer: $0) }
        let mlpInputs = (0..<graph.nLayers).map { Receiver.mlp(layer: $0) }
        join([.input] + mlps, to: mlpInputs + [.logits])
        for group in all {
            join(mlps, to: group.receivers())
            join(group.senders, to: mlpInputs)
        }

        for group in [previous, duplicates] { join([.input], to: group.receivers()) }
        join([.input], to: inhibition.receivers([.query]))
        join(previous.senders, to: induction.receivers([.key, .value]))
        for group in [induction, duplicates] {
            join(group.senders, to: inhibition.receivers([.key, .value]))
        }
        for group in [nameMovers, backups, negative] {
            join([.input], to: group.receivers([.key, .value]))
            join(inhibition.senders, to: group.receivers([.query]))
            join(group.senders, to: [.logits])
        }
    }

    /// Greater-than in GPT-2 small (Hanna et al. 2023): early heads and MLPs read the year, middle
    /// heads move it, late MLPs turn it into the years that come after.
    mutating func addGreaterThan() {
        func senders(_ layers: Range<Int>) -> [Node] { layers.map { .mlp(layer: $0) } }
        func inputs(_ layers: Range<Int>) -> [Receiver] { layers.map { .mlp(layer: $0) } }
        let first = HeadGroup("early head 0.1", (0, 1))
        let second = HeadGroup("early heads 0.3 and 0.5", (0, 3), (0, 5))
        let middle = HeadGroup(
            "middle head", (5, 5), (6, 1), (6, 9), (7, 10), (8, 11), (9, 1))
        let (early, late) = (0..<4, 8..<12)
        for group in [first, second, middle] { name(group) }
        name(senders(early), "early MLP")
        name(senders(late), "late MLP")

        join([.input], to: first.receivers() + second.receivers() + inputs(early))
        join(first.senders, to: inputs(early))
        join(first.senders + second.senders + senders(early), to: middle.receivers())
        join(middle.senders, to: inputs(late))
        join(middle.senders + senders(late), to: [.logits])
        join(senders(late), to: inputs(late))
        // The paper leaves the queries of the middle heads as they are in the whole model. That
        // would be nearly all edges; ACDC takes those of the MLPs before them.
        join(senders(0..<9), to: inputs(0..<9))
        join(senders(0..<9), to: middle.receivers([.query]))
    }

    /// Docstrings in an attention-only model (Heimersheim and Janiak 2023).
    mutating func addDocstring() {
        let duplicates = HeadGroup("duplicate token", (0, 5))
        let previous = HeadGroup("induction and previous token", (1, 4))
        let definitions = HeadGroup("duplicate token", (1, 2))
        let fuzzy = HeadGroup("fuzzy previous token", (2, 0))
        let movers = HeadGroup("argument mover", (3, 0), (3, 6))
        for group in [duplicates, previous, definitions, fuzzy, movers] { name(group) }
        let early = [.input] + duplicates.senders

        join([.input], to: duplicates.receivers([.value]))
        join(early, to: previous.receivers([.value]))
        join(early, to: definitions.receivers([.query, .key]))
        join(early, to: fuzzy.receivers([.query, .key]))
        join(previous.senders, to: fuzzy.receivers([.value]))
        join(previous.senders, to: movers.receivers([.query]))
        join(definitions.senders + fuzzy.senders, to: movers.receivers([.key]))
        join(early, to: movers.receivers([.value]))
        join(movers.senders, to: [.logits])
    }
}
