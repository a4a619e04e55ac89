import Basics
import Tasks

extension PairFile {
    /// The records of a CSV: with the columns of the toolkit's own files, or one of EAP-IG's, which
    /// are told by all of their columns.
    static func csv(
        _ text: [UInt8], source: String
    ) throws(Failure) -> (format: Format, records: [Record], warnings: [String]) {
        let table: CSVTable
        do throws(CSVTable.FormatError) {
            table = try CSVTable(text[...])
        } catch {
            throw Failure(.badData, "\(source), line \(error.line): \(error.reason)")
        }
        if let format = EAPIGFormat(columns: table.header) {
            return (.eapIG(format), try format.records(of: table), [])
        }
        let columns = table.header.enumerated().compactMap { column, title in
            PairFields.Name(rawValue: title).map { (column: column, name: $0) }
        }
        let names = Set(columns.map(\.name))
        guard !names.isDisjoint(with: [.clean, .cleanIDs]),
            !names.isDisjoint(with: [.corrupted, .corruptedIDs])
        else {
            throw Failure(
                .badData,
                "\(source): it is neither JSON nor CSV with the columns `clean` and `corrupted` in "
                    + "its first line (docs/data.md lists what is read)")
        }
        // pandas names the column of row numbers so, or not at all.
        let unknown = table.header.filter {
            PairFields.Name(rawValue: $0) == nil && !$0.isEmpty && !$0.hasPrefix("Unnamed: ")
        }
        do throws(PairFields.FieldError) {
            try PairFields.requireSpelling(of: unknown)
        } catch {
            throw Failure(.badData, "\(source), line 1: \(error.reason)")
        }
        var records: [Record] = []
        for row in table.rows {
            let location = "line \(row.line)"
            do throws(PairFields.FieldError) {
                var fields = PairFields()
                for column in columns {
                    try fields.set(column.name, cell: row[column.column])
                }
                let pair = try fields.pair()
                records.append(Record(location: location) { (_) throws(Failure) in pair })
            } catch {
                throw Failure(.badData, "\(source), \(location): \(error.reason)")
            }
        }
        return (
            .csv, records,
            unknown.map {
                "\(source): the column `\($0.prefix(80))` has no meaning here and is ignored"
            }
        )
    }
}
