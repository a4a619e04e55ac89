import Basics
import Glibc

extension DecisionJournal {
    /// What every journal of this toolkit begins with, whatever its version.
    private static let anyMagic = "CTJOURN"
    /// With the version of what decisions depend on but the inputs: 3 since work is cut into pieces from
    /// the first pair on, which rounds otherwise than before.
    private static let magic = anyMagic + "3"
    private static let digestSize = 64

    /// What comes before the records.
    static func header(inputsDigest: String, command: String) -> [UInt8] {
        let command = Array(command.utf8)
        let count = withUnsafeBytes(of: UInt32(command.count).littleEndian) { Array($0) }
        return Array((magic + inputsDigest).utf8) + count + command
    }

    /// Where the decisions of a run lie.
    package struct Location: Hashable, Sendable {
        /// The journal's path.
        package let path: String
        let headerSize: Int

        /// How many decisions are there now; nil where there is no journal any more.
        package var decisionCount: Int? {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            return max(0, Int(status.st_size) - headerSize) / recordSize
        }
    }

    /// What a journal was found to hold.
    struct Contents {
        /// Nil where the header isn't whole, or of another version.
        let inputsDigest: String?
        let command: String?
        let headerSize: Int
        let entries: [Entry]
        /// Whether it is of another version of the toolkit, whose decisions can't be read.
        let isForeignVersion: Bool

        /// - Throws: `usage` for a file that isn't a journal: it happens to have this name, and must
        ///   not be emptied.
        init(_ bytes: [UInt8], path: String) throws(ArtifactError) {
            let isWhole = bytes.count >= magic.utf8.count
            // One that a full disk cut short begins like one.
            guard zip(bytes, anyMagic.utf8).allSatisfy(==) else {
                throw ArtifactError(
                    .usage, file: path, "not a journal of CircuitTools: move it away")
            }
            isForeignVersion = isWhole && !bytes.starts(with: magic.utf8)
            let lengthStart = magic.utf8.count + digestSize
            let start = lengthStart + 4
            let length =
                bytes.count < start
                ? 0
                : bytes[lengthStart..<start].reversed().reduce(0) {
                    $0 << 8 | Int($1)
                }
            guard isWhole, !isForeignVersion, bytes.count >= start, bytes.count - start >= length
            else {
                (inputsDigest, command, headerSize, entries) = (nil, nil, 0, [])
                return
            }
            headerSize = start + length
            inputsDigest = String(decoding: bytes[magic.utf8.count..<lengthStart], as: UTF8.self)
            command = String(decoding: bytes[start..<headerSize], as: UTF8.self)
            entries = DecisionJournal.entries(bytes[headerSize...])
        }

        /// Refuses to lose the decisions of a run with other inputs.
        func requireEmptiness(
            of path: String, output: String, command own: String
        ) throws(ArtifactError) {
            let ways = "start anew with --restart, which discards them, or name another output"
            if isForeignVersion {
                throw ArtifactError(
                    .usage, file: path,
                    "decisions of another version of CircuitTools: go on with that one, \(ways)")
            }
            guard !entries.isEmpty, let command else { return }
            let decisions = "\(entries.count) decisions of an interrupted search"
            throw ArtifactError(
                .usage, file: path,
                command == own
                    ? "\(decisions) by this very command, on other inputs, another processor or by "
                        + "another version of CircuitTools: \(ways)"
                    : "\(decisions) by another command: go on with it (\(command)), \(ways)")
        }
    }
}
