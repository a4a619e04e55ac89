extension DatasetArtifact: ArtifactContent {
    /// `dataset`
    package static var kind: ArtifactKind { .dataset }

    /// Encodes the value as a tree; throws `usage` where pairs don't fit each other.
    package func makeContent() throws(ArtifactError) -> ContentGroup {
        try requireConsistency()
        var root = ContentGroup()
        root.set("task", task)
        root.set("seed", seed)
        root.set("bos_added", bosAdded)
        root.set("length", clean.ids.map { Int32($0.count) }, dim: "pair")
        let width = lengths.max() ?? 0
        let mask = lengths.flatMap { length in (0..<width).map { $0 < length } }
        root.set(
            "mask", DenseArray(shape: [pairCount, width], values: mask), dims: ["pair", "position"])
        root.groups["model"] = model.content
        root.groups["clean"] = clean.content
        root.groups["corrupted"] = corrupted.content
        root.groups["answers"] = Self.content(of: answers, answerTexts, dim: "answer")
        root.groups["wrong_answers"] = Self.content(
            of: wrongAnswers, wrongAnswerTexts, dim: "wrong_answer")
        var named = ContentGroup()
        for (name, column) in positions {
            named.set(name, column, dim: "pair")
        }
        root.groups["positions"] = named
        if !tokenTexts.isEmpty {
            let sorted = tokenTexts.sorted { $0.key < $1.key }
            var tokens = ContentGroup()
            tokens.set("id", sorted.map(\.key), dim: "token")
            tokens.set("text", sorted.map(\.value), dim: "token")
            root.groups["tokens"] = tokens
        }
        return root
    }

    /// Decodes a validated tree.
    package init(content root: ContentGroup) throws(ArtifactError) {
        let lengths = try root.values("length", as: Int32.self)
        let mask = try root.requiredArray("mask", rank: 2, of: Bool.self)
        for (index, length) in lengths.enumerated() {
            let row = mask[row: index]
            try check(
                length <= row.count && row.prefix(Int(length)).allSatisfy { $0 }
                    && !row.dropFirst(Int(length)).contains(true),
                at: "/mask", "row \(index) isn't that of a prompt of \(length) tokens")
        }
        var positions: [String: [Int32]] = [:]
        for name in try root.group("positions").datasets.keys.sorted() {
            let column = try root.group("positions").values(name, as: Int32.self)
            try check(
                zip(column, lengths).allSatisfy { $0 < $1 }, at: "/positions/" + name,
                "a position is beyond the end of its prompt")
            positions[name] = column
        }
        let (right, rightTexts) = try Self.answers(
            root.group("answers"), pairs: lengths.count, at: "/answers")
        let (wrong, wrongTexts) = try Self.answers(
            root.group("wrong_answers"), pairs: lengths.count, at: "/wrong_answers")
        var tokenTexts: [Int32: String] = [:]
        if let tokens = root.groups["tokens"] {
            let ids = try tokens.values("id", as: Int32.self)
            try check(
                zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }, at: "/tokens/id",
                "the ids aren't in ascending order")
            tokenTexts = Dictionary(
                uniqueKeysWithValues: zip(ids, try tokens.values("text", as: String.self)))
        }
        self.init(
            model: try ModelReference(root.group("model")), task: try root.text("task"),
            seed: root.optionalInteger("seed"),
            clean: try Prompts(root.group("clean"), lengths: lengths, at: "/clean"),
            corrupted: try Prompts(root.group("corrupted"), lengths: lengths, at: "/corrupted"),
            answers: right, wrongAnswers: wrong, answerTexts: rightTexts,
            wrongAnswerTexts: wrongTexts, positions: positions,
            bosAdded: try root.flag("bos_added"),
            tokenTexts: tokenTexts)
    }

    private func requireConsistency() throws(ArtifactError) {
        let count = pairCount
        try require(
            corrupted.ids.count == count && answers.count == count && wrongAnswers.count == count,
            "a dataset of \(count) clean prompts, \(corrupted.ids.count) corrupted prompts, "
                + "\(answers.count) sets of answers and \(wrongAnswers.count) of wrong answers")
        for (index, (first, second)) in zip(clean.ids, corrupted.ids).enumerated() {
            try require(
                first.count == second.count,
                "pair \(index): the clean prompt has \(first.count) tokens, "
                    + "the corrupted prompt \(second.count); they must be equally long")
            try require(
                (first + second).allSatisfy { $0 >= 0 }, "pair \(index): a token id is negative")
        }
        for texts in [clean.texts, corrupted.texts] {
            try require(texts.map { $0.count == count } ?? true, "not as many texts as pairs")
        }
        for (texts, sets) in [(answerTexts, answers), (wrongAnswerTexts, wrongAnswers)] {
            try require(
                texts.map { $0.map(\.count) == sets.map(\.count) } ?? true,
                "not as many texts of answers as answers")
        }
        let tokens = (answers + wrongAnswers).joined().joined()
        try require(tokens.allSatisfy { $0 >= 0 }, "a token id of an answer is negative")
        for (name, column) in positions {
            try requireName(name)
            try require(
                column.count == count && zip(column, lengths).allSatisfy { $0 >= -1 && $0 < $1 },
                "the positions \(name) aren't one in the prompt per pair")
        }
    }

    /// Sets of token sequences as a flat table: one row per sequence.
    private static func content(
        of sets: [[[Int32]]], _ texts: [[String]]?, dim: String
    ) -> ContentGroup {
        var group = ContentGroup()
        let pairs = sets.enumerated().flatMap { index, set in set.map { _ in Int32(index) } }
        let rows = Array(sets.joined())
        group.set("pair", pairs, dim: dim)
        group.set("ids", RaggedTable.pad(rows), dims: [dim, dim + "_token"])
        group.set("length", rows.map { Int32($0.count) }, dim: dim)
        if let texts { group.set("text", Array(texts.joined()), dim: dim) }
        return group
    }

    private static func answers(
        _ group: ContentGroup, pairs: Int, at path: String
    ) throws(ArtifactError) -> (sets: [[[Int32]]], texts: [[String]]?) {
        let pairOfRow = try group.values("pair", as: Int32.self)
        let rows = try RaggedTable.rows(
            of: group.requiredArray("ids", rank: 2), lengths: group.values("length"),
            at: path + "/ids")
        try check(
            zip(pairOfRow, pairOfRow.dropFirst()).allSatisfy { $0 <= $1 }, at: path + "/pair",
            "the pairs aren't in ascending order")
        var sets: [[[Int32]]] = Array(repeating: [], count: pairs)
        for (pair, row) in zip(pairOfRow, rows) { sets[Int(pair)].append(row) }
        let texts: [String]? = try group.optionalValues("text")
        guard let texts else { return (sets, nil) }
        var textSets: [[String]] = Array(repeating: [], count: pairs)
        for (pair, text) in zip(pairOfRow, texts) { textSets[Int(pair)].append(text) }
        return (sets, textSets)
    }
}

extension Prompts {
    /// The group `clean` or `corrupted`.
    fileprivate var content: ContentGroup {
        var group = ContentGroup()
        group.set("ids", RaggedTable.pad(ids), dims: ["pair", "position"])
        if let texts { group.set("text", texts, dim: "pair") }
        return group
    }

    fileprivate init(
        _ group: ContentGroup, lengths: [Int32], at path: String
    ) throws(ArtifactError) {
        self.init(
            texts: try group.optionalValues("text"),
            ids: try RaggedTable.rows(
                of: group.requiredArray("ids", rank: 2), lengths: lengths, at: path + "/ids"))
    }
}
