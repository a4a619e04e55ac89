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
}
