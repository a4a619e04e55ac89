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
    /// The named positions: for each name (`IO`, `S1`, `S2`, `end`, ...) the token position in every
    /// pair, -1 where the pair has none. Shape `[pair]`.
    package var positions: [String: [Int32]]
    /// Whether every prompt begins with a BOS token that is not part of its text.
    package var bosAdded: Bool

    /// Makes a dataset from its parts.
    package init(
        model: ModelReference, task: String, seed: Int? = nil, clean: Prompts, corrupted: Prompts,
        answers: [[[Int32]]], wrongAnswers: [[[Int32]]], positions: [String: [Int32]] = [:],
        bosAdded: Bool = false
    ) {
        self.model = model
        self.task = task
        self.seed = seed
        self.clean = clean
        self.corrupted = corrupted
        self.answers = answers
        self.wrongAnswers = wrongAnswers
        self.positions = positions
        self.bosAdded = bosAdded
    }

    /// The number of pairs.
    package var pairCount: Int { clean.ids.count }

    /// The number of tokens of each pair's prompts. Shape `[pair]`.
    package var lengths: [Int] { clean.ids.map(\.count) }
}
