import Foundation
import Models
import Testing

@Suite("The families in docs/families.md")
struct FamilyTableTests {
    /// The text of one of the repository's files.
    private func text(_ path: String) throws -> String {
        let root = URL(filePath: fixture("")).deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The cells of each row of a table, without the header that begins so.
    private func rows(after header: String = "| family |") throws -> [[String]] {
        let lines = try text("docs/families.md")
            .split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix(header) })
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test("The table names the families that can be read, with their names in both formats")
    func table() throws {
        let rows = try rows()
        let known = KnownFamilies.all.map { family in
            ["`\(family.modelType)`", family.architecture.map { "`\($0)`" } ?? ""]
        }
        #expect(rows.map { Array($0[1...2]) } == known)
        #expect(Set(KnownFamilies.all.map(\.family)) == Set(ModelFamily.allCases))
    }

    @Test("The README lists the families of the table")
    func readme() throws {
        let text = try text("README.md").replacing("\n", with: " ")
        let list = try #require(text.firstMatch(of: #/Families: (.*?) \(\[what each has/#))
        #expect(String(list.1) == (try rows()).map { $0[0] }.joined(separator: "; "))
    }

    @Test("The table of files names the kinds of number that can be read")
    func numbers() throws {
        let rows = try rows(after: "| format |")
        let listed = Dictionary(
            rows.map { ($0[0], Set($0[1].components(separatedBy: ", "))) },
            uniquingKeysWith: { first, _ in first })
        #expect(
            listed == [
                "GGUF": Set(KnownFormats.gguf), "safetensors": Set(KnownFormats.safetensors),
            ])
    }
}
