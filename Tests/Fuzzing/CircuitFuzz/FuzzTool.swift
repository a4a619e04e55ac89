import CFuzzing
import Foundation
import FuzzReaders

/// Feeds inputs that libFuzzer makes to one reader. `tools/fuzz` builds and runs it.
///
/// `circuit-fuzz --readers` lists the readers, a line each: name, and the files that are its seeds.
/// `circuit-fuzz --damage N FILE...` changes every Nth byte of artifacts. Otherwise the environment variable
/// `CIRCUITTOOLS_FUZZ_READER` names the reader, and the arguments are libFuzzer's.
@main
enum FuzzTool {
    /// The reader, once it has been chosen.
    nonisolated(unsafe) private static var reader: Reader?
    /// Where the reader's files are.
    nonisolated(unsafe) private static var scratch: Scratch?

    static func main() throws {
        switch CommandLine.arguments.dropFirst().first {
        case "--readers":
            for reader in Reader.all {
                let seeds = reader.seedFiles.map { Repository.name($0) }
                print(([reader.name] + seeds).joined(separator: "\t"))
            }
            return
        case "--damage":
            let arguments = CommandLine.arguments.dropFirst(2)
            guard let step = arguments.first.flatMap({ Int($0) }), step > 0 else {
                fatalError("--damage takes a step and files")
            }
            for file in arguments.dropFirst() {
                var damage = try Damage(of: file)
                try damage.run(step: step)
                print(damage.line)
                if !damage.other.isEmpty { exit(1) }
            }
            return
        default: break
        }
        let name = ProcessInfo.processInfo.environment["CIRCUITTOOLS_FUZZ_READER"] ?? ""
        guard let chosen = Reader.all.first(where: { $0.name == name }) else {
            fatalError("there is no reader '\(name)'")
        }
        reader = chosen
        let folder = try Scratch()
        folder.holdTemporaryFiles()
        scratch = folder
        defer { folder.remove() }
        let status = CFuzzing_run(CommandLine.argc, CommandLine.unsafeArgv) { bytes, count in
            FuzzTool.feed(UnsafeRawBufferPointer(start: bytes, count: count))
            return 0
        }
        folder.remove()
        exit(status)
    }

    /// Gives the reader one input.
    private static func feed(_ bytes: UnsafeRawBufferPointer) {
        guard let reader, let scratch else { return }
        // What a reader may hold at once: a fixed part for buffers and files beside the input, and a share
        // of the input for what is made of it.
        CFuzzing_startMeter(Int64(reader.memory + 256 * bytes.count))
        do {
            try reader.take(Data(bytes), in: scratch)
        } catch {
            fatalError("\(error)")
        }
    }
}
