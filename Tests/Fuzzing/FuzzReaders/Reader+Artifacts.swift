import Artifacts
import Foundation
import Graphs
import HDF5
import Interchange
import Presentation

/// What `circuit-check` says of a file.
func verdict(on path: String) throws(ArtifactError) -> Verdict {
    try Verdict(checking: path) { (file) throws(ArtifactError) in try file.contradictions() }
}

extension Reader {
    /// Artifacts of every kind, and the journal beside them.
    static var artifacts: [Reader] {
        ArtifactKind.allCases.map { kind in
            Reader(name: kind.rawValue, seeds: ["\(kind.rawValue)/*/sample.h5"]) { input in
                try use(input.file("input.h5"), folder: input.folder)
            }
        } + [
            Reader(name: "repair", seeds: ["*/*/sample.h5"]) { input in
                let path = try input.file("input.h5")
                if try UnfinishedCache(cutting: path) == nil {
                    _ = try? ArtifactFile(whole: path).moveUnknownParts()
                    _ = try? ArtifactFile(whole: path).migrate { inputs in
                        ProvenanceStep(tool: "fuzz", version: "0", arguments: [], inputs: inputs)
                    }
                }
                _ = try Verdict(checking: path)
            },
            Reader(name: "journal", seeds: []) { input in
                _ = try input.file("out.h5.journal")
                let digest = String(repeating: "0", count: 64)
                for startsAnew in [false, true] {
                    let journal = try DecisionJournal(
                        forOutput: input.path("out.h5"), inputsDigest: digest, command: "fuzz",
                        startingAnew: startsAnew)
                    for entry in journal.resumed { try journal.append(entry) }
                }
            },
        ]
    }

    /// Does with an artifact what `circuit-check`, `circuit-show` and `circuit-convert` do.
    ///
    /// A change of the content is noticed by the digests, behind which little is reached: so they are made
    /// to fit first.
    private static func use(_ path: String, folder: String) throws {
        var found = try verdict(on: path)
        for _ in 0..<3 where !found.isValid {
            guard (try? reseal(path, found)) == true else { break }
            found = try verdict(on: path)
        }
        // Messages say what was read.
        for problem in found.problems { _ = problem.message.count }
        let file = try ArtifactFile(path)
        _ = try Report(file).text(limit: 20)
        _ = try ArtifactJSON.text(file)
        if [.circuit, .patchEffects, .evaluation, .attributionGraph].contains(file.header.kind) {
            let picture = try Picture(file)
            _ = try? picture.dot()
        }
        for format in InterchangeFormats.all where format.writes.contains(file.header.kind) {
            let job = WritingJob(path: folder + "/converted", remark: { _ in })
            // What a format can't hold is refused.
            do { try format.write(file, by: job) } catch { try requireSort(error) }
        }
    }

    /// Makes digests and checksums fit the content, where nothing else is wrong. Returns whether there was
    /// one to mend.
    private static func reseal(_ path: String, _ verdict: Verdict) throws -> Bool {
        let errors = verdict.problems.filter { $0.severity == "error" }
        let digests = errors.filter { $0.path.hasSuffix("@digest") }
        guard !digests.isEmpty, digests.count == errors.count else { return false }
        let file = try File.open(path, mode: .readWrite)
        let root = try file.root()
        for problem in digests {
            let group = problem.path.dropLast("@digest".count).split(separator: "/")
                .joined(separator: "/")
            let digest = String(problem.message.suffix(64))
            if group.isEmpty {
                try root.setAttribute("digest", digest)
            } else {
                try root.group(group).setAttribute("digest", digest)
            }
        }
        root.close()
        try file.close()
        return true
    }
}
