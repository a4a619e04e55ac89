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
        for length in [0, 5, 40, 72, 73, 104, bytes / 2, bytes - 1, bytes] {
            let run = try shell.run(
                "rm -f p.h5; head -c \(length) kept > p.h5.journal; \(command) -o p.h5")
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.contains("going on after") == (length >= 104), "\(length)")
            #expect(try shell.digest("p.h5") == expected)
        }
        // Of another search: not used, and not silently.
        let other = try shell.run(
            """
            rm -f p.h5; cp kept p.h5.journal; circuit-prune --threshold 0.06 c.h5 -o p.h5
            """)
        #expect(other.status == 0 && other.errors.contains("of another search"))
        // Somebody else's file isn't ours to empty.
        let foreign = try shell.run(
            "echo 'my own notes' > p.h5.journal; \(command) -o p.h5; cat p.h5.journal")
        #expect(foreign.output == "my own notes\n" && foreign.errors.contains("move it away"))
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
