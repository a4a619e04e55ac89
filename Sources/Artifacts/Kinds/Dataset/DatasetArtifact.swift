/// A behaviour as pairs of prompts: each clean prompt with its corrupted prompt, the right and the
/// wrong answers after the clean prompt, and named positions.
package struct DatasetArtifact: Hashable, Sendable {
    /// The model whose tokenizer made the ids.
    package var model: ModelReference
    /// The task the pairs were made for, for example `ioi`, or the file they were read from.
    package var task: String
    /// The seed of the generator; nil for pairs that were not generated.
    package var seed: Int?
    /// The clean prompts.
    package var clean: Prompts
    /// The corrupted prompts, each as long as its clean prompt.
    package var corrupted: Prompts
    /// The right answers of each pair: a set of token sequences. Shape `[pair][answer][token]`.
    package var answers: [[[Int32]]]
    /// The wrong answers of each pair; empty where none were given. Shape `[pair][answer][token]`.
    package var wrongAnswers: [[[Int32]]]
    /// The texts of the right and of the wrong answers; nil where a model without a tokenizer made the
    /// ids. Shape `[pair][answer]`.
    package var answerTexts: [[String]]?
    package var wrongAnswerTexts: [[String]]?
    /// The named positions: for each name (`IO`, `S1`, `S2`, `end`, ...) the token position in every
    /// pair, -1 where the pair has none. Shape `[pair]`.
    package var positions: [String: [Int32]]
    /// Whether every prompt begins with a BOS token that is not part of its text.
    package var bosAdded: Bool
    /// Of pairs that are tokens of longer answers, or prompts cut where a metric reads them, the pair
    /// that each was made of, in ascending order; nil for pairs as they are. No file holds it: such pairs are made of a dataset where a metric
    /// reads them.
    package var spelledFrom: [Int]?

    /// The texts of the tokens in prompts and answers by id; empty where they aren't known.
    package var tokenTexts: [Int32: String]

    /// Makes a dataset from its parts.
    package init(
        model: ModelReference, task: String, seed: Int? = nil, clean: Prompts, corrupted: Prompts,
        answers: [[[Int32]]], wrongAnswers: [[[Int32]]], answerTexts: [[String]]? = nil,
        wrongAnswerTexts: [[String]]? = nil, positions: [String: [Int32]] = [:],
        bosAdded: Bool = false, tokenTexts: [Int32: String] = [:]
    ) {
        self.model = model
        self.task = task
        self.seed = seed
        self.clean = clean
        self.corrupted = corrupted
        self.answers = answers
        self.wrongAnswers = wrongAnswers
        self.answerTexts = answerTexts
        self.wrongAnswerTexts = wrongAnswerTexts
        self.positions = positions
        self.bosAdded = bosAdded
        self.tokenTexts = tokenTexts
    }

    /// The number of pairs.
    package var pairCount: Int { clean.ids.count }

    /// The number of tokens of each pair's prompts. Shape `[pair]`.
    package var lengths: [Int] { clean.ids.map(\.count) }

    /// The dataset of some of the pairs, in this order.
    package func selecting(_ pairs: [Int]) -> DatasetArtifact {
        func prompts(_ all: Prompts) -> Prompts {
            Prompts(
                texts: all.texts.map { texts in pairs.map { texts[$0] } },
                ids: pairs.map { all.ids[$0] })
        }
        var part = self
        part.clean = prompts(clean)
        part.corrupted = prompts(corrupted)
        part.answers = pairs.map { answers[$0] }
        part.wrongAnswers = pairs.map { wrongAnswers[$0] }
        part.answerTexts = answerTexts.map { texts in pairs.map { texts[$0] } }
        part.wrongAnswerTexts = wrongAnswerTexts.map { texts in pairs.map { texts[$0] } }
        part.positions = positions.mapValues { column in pairs.map { column[$0] } }
        part.spelledFrom = spelledFrom.map { origins in pairs.map { origins[$0] } }
        return part
    }
}
