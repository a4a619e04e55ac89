import Foundation
import TestSupport
import Testing

/// Runs that end at any moment, as by the kernel for want of memory.
@Suite("Killed runs", .serialized)
struct KillTests {
    @Test("A search that is killed at any moment is resumed and ends with the same digest")
    func killedSearch() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        // Small batches of decisions, one edge at a time: the journal is written often.
        let command = "circuit-prune -q --threads 1 --threshold 0.001 --one-by-one c.h5"
        let whole = try shell.run(
            """
            start=$(date +%s%N); \(command) -o whole.h5 || exit
            echo $(( ($(date +%s%N) - start) / 1000000 ))
            """)
        let milliseconds = try #require(Int(whole.output.dropLast()), "\(whole.errors)")
        let expected = try shell.digest("whole.h5")
        var random = SystemRandomNumberGenerator()
        var killed = 0
        for round in 0..<20 {
            let moment = Double(Int.random(in: 0...milliseconds, using: &random)) / 1000
            // Every fourth time from the start, else on top of what was left.
            if round % 4 == 0 { _ = try shell.run("rm -f p.h5 p.h5.journal") }
            let run = try shell.run("timeout -s KILL \(moment + 0.001) \(command) -o p.h5")
            if run.status == 137 || run.status == 9 {
                killed += 1
                // The artifact of an earlier round may be there; half of one never is.
                if shell.has("p.h5") { #expect(try shell.digest("p.h5") == expected) }
            } else {
                #expect(run.status == 0, "\(run.errors)")
            }
            if round % 4 == 3 {
                #expect(try shell.run("\(command) -o p.h5").status == 0)
                #expect(try shell.digest("p.h5") == expected, "killed after \(moment) s")
                #expect(shell.has("p.h5.journal") == false)
            }
        }
        #expect(killed > 0)
    }

    @Test("A journal of any length is resumed; of another search or program it is not")
    func cutJournal() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 4)
        let command = "circuit-prune --threshold 0.05 c.h5"
        #expect(try shell.run("\(command) -q -o whole.h5").status == 0)
        let expected = try shell.digest("whole.h5")
        // A journal from a run that was killed, found by trying later and later moments.
        var delay = 0.05
        while try shell.run(
            """
            rm -f p.h5*; timeout -s KILL \(delay) \(command) -q -o p.h5
            [ -s p.h5.journal ] && [ $(stat -c %s p.h5.journal) -gt 1000 ]
            """
        ).status != 0, delay < 2 {
            delay += 0.02
        }
        let size = try shell.run("cp p.h5.journal kept; stat -c %s kept").output
        let bytes = try #require(Int(size.dropLast()))
        // Before the records there are 72 bytes, and the command line with its length.
        let command16 = try shell.run("tail -c +73 kept | head -c 2 | od -An -tu2").output
        let header = try 76 + #require(Int(command16.filter(\.isNumber)))
        for length in [
            0, 5, 40, 72, 76, header, header + 31, header + 32, bytes / 2, bytes - 1, bytes,
        ] {
            let run = try shell.run(
                "rm -f p.h5; head -c \(length) kept > p.h5.journal; \(command) -o p.h5")
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.contains("going on after") == (length >= header + 32), "\(length)")
            #expect(try shell.digest("p.h5") == expected)
        }
        // Of another search: refused, with what goes on and what doesn't.
        let other = try shell.run(
            """
            rm -f p.h5; cp kept p.h5.journal; circuit-prune --threshold 0.06 c.h5 -o p.h5
            """)
        #expect(other.status == 64 && other.errorLines.count == 1, "\(other.errors)")
        #expect(other.errors.contains("go on with it (\(command) -q -o p.h5)"), "\(other.errors)")
        #expect(try shell.run("cmp kept p.h5.journal").status == 0)
        let anew = try shell.run("circuit-prune --threshold 0.06 --restart c.h5 -o p.h5")
        #expect(anew.status == 0 && anew.errors.contains("discarded"), "\(anew.errors)")
        // An edge that isn't there: the checksum is right, the number isn't.
        let forged = try shell.run(
            """
            rm -f p.h5; cp kept p.h5.journal
            \(Self.forgery(edge: 1_000_000, after: header)) p.h5.journal
            \(command) -o p.h5
            """)
        #expect(forged.status == 64 && forged.errors.contains("doesn't make"), "\(forged.errors)")
        #expect(shell.has("p.h5.journal") == true)
        _ = try shell.run("rm -f p.h5.journal")
        // Somebody else's file isn't ours to empty.
        let foreign = try shell.run(
            "echo 'my own notes' > p.h5.journal; \(command) -o p.h5; cat p.h5.journal")
        #expect(foreign.output == "my own notes\n" && foreign.errors.contains("move it away"))
    }

    /// A command that makes the first record of a journal one of another edge, with its checksum.
    private static func forgery(edge: Int32, after header: Int) -> String {
        """
        python3 -c 'import struct, sys, zlib
        path = sys.argv[1]
        data = bytearray(open(path, "rb").read())
        data[\(header) + 4:\(header) + 8] = struct.pack("<i", \(edge))
        crc = zlib.crc32(bytes(8) + data[\(header):\(header) + 28])
        data[\(header) + 28:\(header) + 32] = struct.pack("<I", crc)
        open(path, "wb").write(data)'
        """
    }

    @Test("A search that is interrupted says where its work lies and what goes on with it")
    func interrupted() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 128)
        let search = "circuit-prune --threshold 0.0001 --one-by-one --threads 1 c.h5"
        /// Starts a search and ends it by a signal, once it catches that and `condition` holds. Where
        /// tests run in the background, their children ignore SIGINT.
        func interrupt(_ command: String, by name: String, when condition: String) throws
            -> Shell.Outcome
        {
            try shell.run(
                """
                env --default-signal=INT,TERM \(command) & pid=$!
                for attempt in $(seq 3000); do
                  grep -q 'SigCgt:.*[2367abef]$' /proc/$pid/status && \(condition) && break
                  sleep 0.01
                done
                kill -\(name) $pid; wait $pid
                """)
        }
        for (name, status) in [("INT", Int32(130)), ("TERM", 143)] {
            let command = "\(search) -o '\(name) p.h5'"
            let journal = "'\(name) p.h5.journal'"
            let run = try interrupt(
                command, by: name, when: "[ $(stat -c %s \(journal)) -gt 500 ]")
            #expect(run.status == status, "\(run.errors)")
            #expect(
                run.errors.contains("decisions are kept in \(name) p.h5.journal"), "\(run.errors)")
            #expect(run.errors.contains(": \(command)"), "\(run.errors)")
            #expect(shell.has("\(name) p.h5") == false)
        }
        // Without a file there is nothing to go on with.
        let piped = try interrupt("\(search) > >(cat > /dev/null)", by: "INT", when: "true")
        #expect(piped.status == 130, "\(piped.errors)")
        #expect(piped.errors.contains("with -o FILE"), "\(piped.errors)")
    }

    @Test("A killed circuit-cache leaves no damaged file, and no temporary one for long")
    func killedCache() throws {
        let shell = try Shell()
        try shell.makeDemoCache(pairs: 64)
        let expected = try shell.digest("c.h5")
        for moment in stride(from: 0.01, to: 0.4, by: 0.03) {
            _ = try shell.run(
                """
                rm -f k.h5; timeout -s KILL \(moment) circuit-cache -q --batch-size 1 d.h5 -o k.h5
                """)
            if shell.has("k.h5") { #expect(try shell.run("circuit-check -q k.h5").status == 0) }
        }
        // A killed process may still be there for a moment, and its file with it.
        let last = try shell.run(
            """
            for attempt in $(seq 50); do
              rm -f k.h5; circuit-cache -q d.h5 -o k.h5 && circuit-check -q k.h5 || exit
              ls | grep -q '[.]partial$' || break
              sleep 0.1
            done
            """)
        #expect(last.status == 0)
        #expect(try shell.digest("k.h5") == expected)
        let names = try shell.folder.names()
        #expect(!names.contains { $0.hasSuffix(".partial") })
    }
}
