import Artifacts
import Basics
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("The decision journal") struct DecisionJournalTests {
    private let inputs = String(repeating: "5a", count: 32)

    private func entry(_ index: Int) -> DecisionJournal.Entry {
        DecisionJournal.Entry(
            run: Int32(index % 3),
            Decision(
                edge: Int32(index), before: Double(index) / 7, after: -Double(index) / 3,
                removed: index % 2 == 0))
    }

    private func open(
        _ output: String, inputs: String? = nil, command: String = "circuit-prune c.h5",
        startingAnew isNew: Bool = false, batch: Int = 1
    ) throws -> DecisionJournal {
        try DecisionJournal(
            forOutput: output, inputsDigest: inputs ?? self.inputs, command: command,
            startingAnew: isNew, batch: batch)
    }

    /// The bytes before the first record.
    private let header = 72 + 4 + "circuit-prune c.h5".utf8.count

    /// Writes `count` entries and drops the journal, as an orderly end without `remove()` does.
    private func write(_ count: Int, to output: String, batch: Int = 1) throws {
        let journal = try open(output, batch: batch)
        for index in journal.resumed.count..<count { try journal.append(entry(index)) }
    }

    private func resumed(_ output: String) throws -> [DecisionJournal.Entry] {
        try open(output).resumed
    }

    @Test("A journal that is opened again has all its decisions and takes more")
    func resuming() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        try write(5, to: output)
        #expect(try resumed(output) == (0..<5).map(entry))
        #expect(try open(output).discardedCount == 0)
        try write(9, to: output, batch: 4)
        #expect(try resumed(output) == (0..<9).map(entry))
    }

    @Test("Each decision is in the file before the next is made")
    func writing() throws {
        let folder = try ScratchFolder()
        let journal = try open(folder.path("c.h5"))
        let empty = try Data(contentsOf: URL(filePath: journal.path)).count
        for index in 1...3 {
            try journal.append(entry(index))
            let size = try Data(contentsOf: URL(filePath: journal.path)).count
            #expect(size == empty + 32 * index)
            #expect(journal.location.decisionCount == index)
        }
    }

    /// A process may be killed between any two bytes.
    @Test("A record that was cut short is discarded, whatever its length")
    func tornRecord() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        try write(3, to: output)
        let whole = try Data(contentsOf: URL(filePath: output + ".journal"))
        for length in 0...whole.count {
            try whole.prefix(length).write(to: URL(filePath: output + ".journal"))
            let kept = max(0, (length - header) / 32)
            #expect(try resumed(output) == (0..<kept).map(entry))
            try write(4, to: output)
            #expect(try resumed(output) == (0..<4).map(entry))
        }
    }

    @Test("A damaged record is discarded with all records after it")
    func damagedRecord() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        try write(4, to: output)
        let whole = try Data(contentsOf: URL(filePath: output + ".journal"))
        for byte in header..<whole.count {
            var damaged = whole
            damaged[byte] ^= 0x10
            try damaged.write(to: URL(filePath: output + ".journal"))
            #expect(try resumed(output).count == (byte - header) / 32)
        }
    }

    @Test("A record that is not at its own number is damaged")
    func missingRecord() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        try write(3, to: output)
        var bytes = try Data(contentsOf: URL(filePath: output + ".journal"))
        bytes.removeSubrange(header..<header + 32)
        try bytes.write(to: URL(filePath: output + ".journal"))
        #expect(try resumed(output) == [])
    }

    @Test("A run with other inputs is refused, and discards the journal only if it is told to")
    func otherInputs() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        try write(3, to: output)
        let others = String(repeating: "00", count: 32)
        let refusal = #expect(throws: ArtifactError.self) {
            try open(output, inputs: others, command: "circuit-prune d.h5")
        }
        #expect(refusal?.kind == .usage)
        let message = refusal?.description ?? ""
        for part in ["3 decisions", "(circuit-prune c.h5)", "--restart", "another output"] {
            #expect(message.contains(part), "\(message)")
        }
        let same = #expect(throws: ArtifactError.self) { try open(output, inputs: others) }
        #expect(same?.description.contains("this very command") == true)
        #expect(try resumed(output) == (0..<3).map(entry))
        #expect(try open(output, inputs: others, startingAnew: true).discardedCount == 3)
        #expect(throws: Never.self) { try resumed(output) }
    }

    @Test("Decisions of this very search are discarded where that is asked for")
    func startingAnew() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        try write(3, to: output)
        let journal = try open(output, startingAnew: true)
        #expect(journal.discardedCount == 3 && journal.resumed == [])
        #expect(journal.location.decisionCount == 0)
    }

    @Test("A journal of another version is refused, and left as it is")
    func otherVersion() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        let old = Data(("CTJOURN2" + inputs).utf8) + Data(count: 64)
        try old.write(to: URL(filePath: output + ".journal"))
        let refusal = #expect(throws: ArtifactError.self) { try resumed(output) }
        #expect(refusal?.description.contains("another version") == true)
        #expect(try Data(contentsOf: URL(filePath: output + ".journal")) == old)
        #expect(try open(output, startingAnew: true).resumed == [])
    }

    @Test("Only one process at a time opens a journal; removing it leaves no file")
    func locking() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        let journal = try open(output)
        let error = #expect(throws: ArtifactError.self) { try resumed(output) }
        #expect(error?.kind == .usage)
        try journal.append(entry(0))
        try journal.remove()
        #expect(try folder.names() == [])
    }

    /// A child process has its parent's files open between `fork` and `exec`, and with them locks
    /// that were only closed: the next run would be refused for that moment.
    @Test("A descriptor that a child process inherited does not keep the lock")
    func inheritedLock() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        var journal = Optional(try open(output))
        try journal?.append(entry(0))
        let inherited = try #require(
            (0..<1024).lazy.filter { self.isOpen($0, output + ".journal") }.map { dup($0) }.first)
        defer { close(inherited) }
        journal = nil
        #expect(try resumed(output) == [entry(0)])
    }

    private func isOpen(_ descriptor: Int32, _ path: String) -> Bool {
        var (open, named) = (stat(), stat())
        return fstat(descriptor, &open) == 0 && stat(path, &named) == 0
            && (open.st_dev, open.st_ino) == (named.st_dev, named.st_ino)
    }

    @Test("Another program's file is refused and left as it is")
    func foreignFile() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        for text in ["somebody's notes", "x\n", "CTx"] {
            let foreign = Data(text.utf8)
            try foreign.write(to: URL(filePath: output + ".journal"))
            #expect(throws: ArtifactError.self) { try resumed(output) }
            #expect(try Data(contentsOf: URL(filePath: output + ".journal")) == foreign)
        }
    }

    @Test("Of a file system without locks a journal says so; other errors are I/O errors")
    func locks() throws {
        let folder = try ScratchFolder()
        let output = folder.path("c.h5")
        func open(_ numbers: [Int32]) throws -> DecisionJournal {
            var rest = numbers[...]
            return try DecisionJournal(
                forOutput: output, inputsDigest: inputs, command: "c", startingAnew: true,
                lockingBy: { _, _ in
                    guard let number = rest.popFirst() else { return 0 }
                    errno = number
                    return -1
                })
        }
        #expect(try open([]).isLocked)
        #expect(try open([EINTR, EINTR]).isLocked)
        for number in [ENOSYS, ENOLCK, EOPNOTSUPP] { #expect(try !open([number]).isLocked) }
        let taken = #expect(throws: ArtifactError.self) { try open([EWOULDBLOCK]) }
        #expect(taken?.kind == .usage && taken?.message.contains("another process") == true)
        let failed = #expect(throws: ArtifactError.self) { try open([EIO]) }
        #expect(failed?.kind == .io && failed?.message.contains("Input/output error") == true)
    }
}
