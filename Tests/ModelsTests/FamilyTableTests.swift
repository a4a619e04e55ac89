import Foundation
import Models
import Testing

@Suite("The families in docs/families.md")
struct FamilyTableTests {
    /// The cells of each row of a table, without the header that begins so.
    private func rows(after header: String = "| family |") throws -> [[String]] {
        let path = URL(filePath: fixture("")).deletingLastPathComponent()
            .appending(path: "docs/families.md")
        let lines = try String(contentsOf: path, encoding: .utf8)
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
