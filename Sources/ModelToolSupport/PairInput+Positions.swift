import Artifacts
import ToolSupport

extension PairInput {
    /// Warns where results by position, counted from the beginning of each prompt, would put different words
    /// into one number.
    package func warnOfMovingPositions() {
        if let words = dataset.movingPositions {
            Console.warning(
                "\(source): positions are counted from the beginning of each prompt, and \(words): a result "
                    + "at one position is of different words in different pairs; take pairs of one template"
            )
        }
    }
}

extension DatasetArtifact {
    /// The named positions that lie at different places in different pairs, and where, in words: `IO is at 1
    /// to 5`; without names, that prompts differ in length. Nil where all is in its place.
    var movingPositions: String? {
        let moving = positions.compactMap { name, places in
            places.min().flatMap { first in
                places.max().flatMap { last in
                    first == last ? nil : (first: first, text: "\(name) is at \(first) to \(last)")
                }
            }
        }
        if !moving.isEmpty {
            return moving.sorted { ($0.first, $0.text) < ($1.first, $1.text) }.map(\.text)
                .joined(separator: ", ")
        }
        guard let shortest = lengths.min(), let longest = lengths.max(), shortest < longest else {
            return nil
        }
        return "these have \(shortest) to \(longest) tokens"
    }
}
