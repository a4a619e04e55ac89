/// A clean prompt with its corrupted prompt, as a task draws it or a file gives it: not yet in the
/// tokens of a model.
package struct PromptPair: Hashable, Sendable {
    /// Text, or the tokens that stand for it.
    package enum Content: Hashable, Sendable {
        /// Text, for the model's tokenizer.
        case text(String)
        /// Token ids, for models without one.
        case ids([Int32])
    }

    /// A position in the clean prompt.
    package enum Position: Hashable, Sendable {
        /// A token's position, not counting a BOS that is put before the prompt.
        case token(Int)
        /// The token that ends where this many UTF-8 bytes of the text end.
        case textEnd(Int)
    }

    /// The clean prompt.
    package var clean: Content
    /// The corrupted prompt.
    package var corrupted: Content
    /// What is right after the clean prompt: any of these.
    package var answers: [Content]
    /// What is wrong after the clean prompt: any of these.
    package var wrongAnswers: [Content]
    /// The named positions; every pair's last token is named `end` without being listed here.
    package var positions: [String: Position]

    /// A pair of these parts.
    package init(
        clean: Content, corrupted: Content, answers: [Content], wrongAnswers: [Content],
        positions: [String: Position] = [:]
    ) {
        self.clean = clean
        self.corrupted = corrupted
        self.answers = answers
        self.wrongAnswers = wrongAnswers
        self.positions = positions
    }
}
