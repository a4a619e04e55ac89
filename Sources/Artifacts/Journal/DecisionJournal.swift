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
/// Layout, all little-endian: the 8 bytes `CTJOURN3`; 64 bytes, the hexadecimal SHA-256 of all that
/// the decisions depend on; the command line of the run, as a shell reads it: the number of its bytes
/// (uint32), and these in UTF-8; then records of 32 bytes: run (int32), edge (int32), before (float64),
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

    /// Where the decisions lie.
    package let location: Location
    /// What was read when the journal was opened: empty for a new run.
    package let resumed: [Entry]
    /// How many decisions were there and were discarded, because that was asked for.
    package let discardedCount: Int
    /// Whether another run with the same output is kept away: not every file system has locks.
    package let isLocked: Bool
    private let descriptor: Int32
    private var count: Int
    private var buffer: [UInt8] = []
    private var isRemoved = false
    /// Records are written in batches of this many.
    private let batch: Int

    /// The journal's path.
    package var path: String { location.path }

    /// Opens the journal of the run that writes `output`, or starts one.
    ///
    /// Decisions of a run with other inputs don't apply to this one: they are refused, not lost.
    ///
    /// - Parameters:
    ///   - output: the path of the artifact that the run makes.
    ///   - inputsDigest: SHA-256 of all that decisions depend on, as 64 hexadecimal digits: model,
    ///     dataset, graph, metric, threshold, order, ablation.
    ///   - command: the command line of the run, for whoever finds the journal.
    ///   - isNew: whether decisions of an earlier run, this one or another, are discarded.
    ///   - batch: how many decisions may be lost when the process is killed, plus one.
    ///   - flock: the system call that locks the journal; tests give another.
    /// - Throws: `usage` where another process is making the same output, or decisions of a run with
    ///   other inputs are there; `io` where it can't be written.
    package init(
        forOutput output: String, inputsDigest: String, command: String, startingAnew isNew: Bool,
        batch: Int = 1, lockingBy flock: (Int32, Int32) -> Int32 = { flock($0, $1) }
    ) throws(ArtifactError) {
        try require(isSHA256(inputsDigest), "'\(inputsDigest)' isn't a SHA-256")
        let path = output + ".journal"
        self.batch = max(batch, 1)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw ArtifactError(.io, file: path, "cannot open: \(SystemCalls.reason)")
        }
        do throws(ArtifactError) {
            isLocked = try Self.lock(descriptor, path: path, output: output, by: flock)
            guard SystemCalls.isFile(descriptor, at: path) else {
                throw ArtifactError(
                    .usage, file: path,
                    "another process has just made \(output): look at that, or try again")
            }
            let found = try Contents(Self.readAll(descriptor, path: path), path: path)
            if !isNew, found.inputsDigest == inputsDigest {
                location = Location(path: path, headerSize: found.headerSize)
                (resumed, discardedCount) = (found.entries, 0)
                try Self.truncate(
                    descriptor, to: found.headerSize + resumed.count * Self.recordSize, path: path)
            } else {
                if !isNew { try found.requireEmptiness(of: path, output: output, command: command) }
                let header = Self.header(inputsDigest: inputsDigest, command: command)
                location = Location(path: path, headerSize: header.count)
                (resumed, discardedCount) = ([], found.entries.count)
                try Self.truncate(descriptor, to: 0, path: path)
                try SystemCalls.write(header, to: descriptor, name: path)
            }
            count = resumed.count
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
    /// - Throws: `io` where it can't be removed.
    package func remove() throws(ArtifactError) {
        isRemoved = true
        guard unlink(path) == 0 || errno == ENOENT else {
            throw ArtifactError(.io, file: path, "cannot remove: \(SystemCalls.reason)")
        }
    }

    deinit {
        if !isRemoved { try? flush() }
        Self.release(descriptor)
    }

    /// Keeps other runs with the same output away. Returns whether the file system can.
    private static func lock(
        _ descriptor: Int32, path: String, output: String, by flock: (Int32, Int32) -> Int32
    ) throws(ArtifactError) -> Bool {
        switch FileLock.take(descriptor, by: flock) {
        case .taken: return true
        case .unavailable: return false
        case .heldByAnother:
            throw ArtifactError(
                .usage, file: path, "another process is making \(output): wait, or name another")
        case .failed(let number):
            throw ArtifactError(
                .io, file: path, "cannot lock: \(String(cString: strerror(number)))")
        }
    }

    /// Releases the lock and closes the file. Closing alone would leave the lock with a child process
    /// that another thread has forked and that hasn't called `exec` yet.
    private static func release(_ descriptor: Int32) {
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
