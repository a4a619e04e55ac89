import Basics
import Glibc

extension DecisionJournal {
    static let recordSize = 32

    /// A record's bytes.
    static func record(_ entry: Entry, number: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(recordSize)
        func add<Number: FixedWidthInteger>(_ number: Number) {
            withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
        }
        add(entry.run)
        add(entry.decision.edge)
        add(entry.decision.before.bitPattern)
        add(entry.decision.after.bitPattern)
        add(UInt32(entry.decision.removed ? 1 : 0))
        add(checksum(of: bytes, number: number))
        return bytes
    }

    /// The records up to the first that is cut short or damaged.
    static func entries(_ bytes: ArraySlice<UInt8>) -> [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(bytes.count / recordSize)
        var rest = bytes
        while rest.count >= recordSize {
            let record = Array(rest.prefix(recordSize))
            rest = rest.dropFirst(recordSize)
            func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
                record.withUnsafeBytes {
                    Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
                }
            }
            guard number(at: 28) == checksum(of: Array(record.prefix(28)), number: entries.count)
            else { break }
            entries.append(
                Entry(
                    run: number(at: 0),
                    Decision(
                        edge: number(at: 4), before: Double(bitPattern: number(at: 8)),
                        after: Double(bitPattern: number(at: 16)),
                        removed: number(at: 24) as UInt32 == 1)))
        }
        return entries
    }

    /// CRC-32 of the record's number and content: so a record out of order counts as damaged.
    private static func checksum(of content: [UInt8], number: Int) -> UInt32 {
        var crc = UInt32.max
        let prefix = withUnsafeBytes(of: UInt64(number).littleEndian) { Array($0) }
        for byte in prefix + content {
            crc ^= UInt32(byte)
            for _ in 0..<8 {
                crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0)
            }
        }
        return ~crc
    }

    static func readAll(_ descriptor: Int32, path: String) throws(ArtifactError) -> [UInt8] {
        var bytes: [UInt8] = []
        let size = 1 << 16
        while true {
            var received = 0
            let piece = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                received = read(descriptor, buffer.baseAddress, size)
                count = max(received, 0)
            }
            if received == 0 { return bytes }
            if received < 0 {
                if errno == EINTR { continue }
                throw ArtifactError(.io, file: path, "cannot read: \(SystemCalls.reason)")
            }
            bytes += piece
        }
    }

    /// Shortens the file to `size` bytes, and moves to its new end.
    static func truncate(
        _ descriptor: Int32, to size: Int, path: String
    ) throws(ArtifactError) {
        guard ftruncate(descriptor, off_t(size)) == 0,
            lseek(descriptor, off_t(size), SEEK_SET) == off_t(size)
        else { throw ArtifactError(.io, file: path, "cannot write: \(SystemCalls.reason)") }
    }
}
