package import Basics
package import Models
package import Tokenization
import ToolSupport

extension ModelSource {
    /// The model's tokenizer, nil where it has none; what its files say and nothing here makes use of is
    /// reported on stderr, once.
    package func tokenizerForUser() throws(Failure) -> Tokenizer? {
        for warning in try newTokenizerWarnings() { Console.warning(warning) }
        return try tokenizer()
    }

    /// The tokenizer that spells tokens for people, nil where the model has none; one that can't be read is
    /// no reason to fail where prompts are token ids, and is reported on stderr.
    package func tokenizerForSpelling() -> Tokenizer? {
        do {
            return try tokenizer()
        } catch {
            Console.warning("\(error.description); tokens have no text here")
            return nil
        }
    }
}
