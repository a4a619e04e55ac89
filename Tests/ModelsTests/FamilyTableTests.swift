import Foundation
import Models
import Testing

@Suite("The families in docs/families.md")
struct FamilyTableTests {
    /// The cells of each row of the table of families, without the header.
    private func rows() throws -> [[String]] {
        let path = URL(filePath: fixture("")).deletingLastPathComponent()
            .appending(path: "docs/families.md")
        let lines = try String(contentsOf: path, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("| family |") })
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
}
