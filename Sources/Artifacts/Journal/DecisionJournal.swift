import Basics
import Glibc

/// The decisions of an unfinished run: a file beside the output, `OUTPUT.journal`, to which each
/// decision is appended as it is made, and from which a run that was killed is resumed.
///
/// It isn't HDF5, because an HDF5 file that is being written isn't consistent between flushes: its
/// metadata is cached and written in several pieces, and a process killed in between leaves a file
/// that can't be opened. Here, bytes are only appended. What the process has handed to the system
/// survives it, and a record that is cut short or damaged is found by its checksum and discarded with
/// all records after it.
///
/// Layout, all little-endian: the 8 bytes `CTJOURN1`; 64 bytes, the hexadecimal SHA-256 of all that
/// the decisions depend on; then records of 32 bytes: run (int32), edge (int32), before (float64),
/// after (float64), removed (uint32, 0 or 1), checksum (uint32: CRC-32 of the record's number as
/// uint64 and of the 28 bytes before).
package final class DecisionJournal {
    /// One decision of one run.
    package struct Entry: Hashable, Sendable {
        /// The run, counted from 0, where several thresholds or orders are run.
        package var run: Int32
        /// The decision.
        package var decision: Decision

        /// Makes an entry from its parts.
        package init(run: Int32 = 0, _ decision: Decision) {
            self.run = run
            self.decision = decision
        }
    }

    /// The journal's path.
    package let path: String
    /// What was read when the journal was opened: empty for a new run.
    package let resumed: [Entry]
    /// Whether there was a journal of a run with other inputs, which was discarded.
    package let hasDiscarded: Bool
    private let descriptor: Int32
    private var count: Int
    private var buffer: [UInt8] = []
    private var isRemoved = false
    /// Records are written in batches of this many.
    private let batch: Int

    /// Opens the journal of the run that writes `output`, or starts one.
    ///
    /// Records of a run with other inputs don't apply to this one and are discarded.
    ///
    /// - Parameters:
    ///   - output: the path of the artifact that the run makes.
    ///   - inputsDigest: SHA-256 of all that decisions depend on, as 64 hexadecimal digits: model,
    ///     dataset, graph, metric, threshold, order, ablation.
    ///   - batch: how many decisions may be lost when the process is killed, plus one.
    /// - Throws: `usage` where another process is making the same output, `io` where it can't be
    ///   written.
    package init(
        forOutput output: String, inputsDigest: String, batch: Int = 1
    ) throws(ArtifactError) {
        try require(isSHA256(inputsDigest), "'\(inputsDigest)' isn't a SHA-256")
        path = output + ".journal"
        self.batch = max(batch, 1)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw ArtifactError(.io, file: path, "cannot open: \(SystemCalls.reason)")
        }
        let header = Array((Self.magic + inputsDigest).utf8)
        do throws(ArtifactError) {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw ArtifactError(
                    .usage, file: path, "another process is making \(output): wait, or name another"
                )
            }
            guard SystemCalls.isFile(descriptor, at: path) else {
                throw ArtifactError(
                    .usage, file: path,
                    "another process has just made \(output): look at that, or try again")
            }
            let bytes = try Self.readAll(descriptor, path: path)
            if bytes.starts(with: header) {
                hasDiscarded = false
                resumed = Self.entries(bytes.dropFirst(header.count))
                count = resumed.count
                try Self.truncate(
                    descriptor, to: header.count + count * Self.recordSize, path: path)
            } else {
                // A file that isn't a journal and happens to have this name must not be emptied.
                guard bytes.isEmpty || bytes.starts(with: Self.magic.utf8) || bytes.count < 8 else {
                    throw ArtifactError(
                        .usage, file: path, "not a journal of CircuitTools: move it away")
                }
                hasDiscarded = bytes.count > header.count
                resumed = []
                count = 0
                try Self.truncate(descriptor, to: 0, path: path)
                try SystemCalls.write(header, to: descriptor, name: path)
            }
        } catch {
            Self.release(descriptor)
            throw error
        }
    }

    /// Appends a decision; it survives the process once its batch is complete.
    package func append(_ entry: Entry) throws(ArtifactError) {
        buffer += Self.record(entry, number: count)
        count += 1
        if buffer.count >= batch * Self.recordSize { try flush() }
    }

    /// Writes all decisions so far, which then survive the process.
    package func flush() throws(ArtifactError) {
        guard !buffer.isEmpty else { return }
        try SystemCalls.write(buffer, to: descriptor, name: path)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Removes the journal. Call it once the artifact is written.
    package func remove() {
        unlink(path)
        isRemoved = true
    }

    deinit {
        if !isRemoved { try? flush() }
        Self.release(descriptor)
    }

    /// Releases the lock and closes the file. Closing alone would leave the lock with a child process
    /// that another thread has forked and that hasn't called `exec` yet.
    private static func release(_ descriptor: Int32) {
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
