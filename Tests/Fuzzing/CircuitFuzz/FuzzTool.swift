import Basics
import CFuzzing
import Foundation

/// Feeds inputs that libFuzzer makes to one reader. `tools/fuzz` builds and runs it.
///
/// `circuit-fuzz --readers` lists the readers, a line each: name, and the files that are its seeds.
/// `circuit-fuzz --damage N` changes every Nth byte of the golden files. Otherwise the environment variable
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
                print(([reader.name] + reader.seedPatterns).joined(separator: "\t"))
            }
            return
        case "--damage":
            let step = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 1
            if try !Damage.run(step: max(step, 1)) { exit(1) }
            return
        default: break
        }
        let name = ProcessInfo.processInfo.environment["CIRCUITTOOLS_FUZZ_READER"] ?? ""
        guard let chosen = Reader.all.first(where: { $0.name == name }) else {
            throw Failure(.usage, "there is no reader '\(name)'")
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

    /// Gives the reader one input. Only an error that names a fault of the input is right.
    private static func feed(_ bytes: UnsafeRawBufferPointer) {
        guard let reader, let scratch else { return }
        // What a reader may hold at once: a fixed part for buffers and files beside the input, and a share
        // of the input for what is made of it.
        CFuzzing_startMeter(Int64(reader.memory + 256 * bytes.count))
        do {
            try scratch.withInput(Data(bytes)) { try reader.read($0) }
        } catch let error as any ReportedError {
            if error.kind == .internalError {
                fatalError("called a fault of the toolkit: \(error.description)")
            }
        } catch {
            fatalError("an error without a sort: \(error)")
        }
    }
}
