import Foundation
import TestSupport
import Testing

/// What `docs/python.md` promises, run as it stands there.
@Suite("Python")
struct PythonTests {
    private static let python = ProcessInfo.processInfo.environment["CIRCUITTOOLS_PYTHON"]

    /// Whether the tests' Python has these modules.
    private static func has(_ modules: String) -> Bool {
        guard let python else { return false }
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-c", "import \(modules)"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// The code of a section of the documentation.
    private func code(_ section: String) throws -> String {
        let text = String(decoding: try Fixture.data("../docs/python.md"), as: UTF8.self)
        let start = try #require(text.range(of: "\n## \(section)\n"))
        let rest = text[start.upperBound...]
        let end = rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex
        let parts = rest[..<end].components(separatedBy: "```python\n").dropFirst()
        return parts.map { $0.components(separatedBy: "```")[0] }.joined(separator: "\n")
    }

    /// Runs a section's code on artifacts of the demo model, and then `checks`.
    private func run(_ section: String, _ checks: String) throws {
        let shell = try Shell()
        let made = try shell.run(
            """
            circuit-pairs -q ioi --model \(Fixture.path("models/demo")) -n 4 -o pairs.h5
            circuit-cache -q pairs.h5 -o cache.h5 && circuit-score -q pairs.h5 -o scores.h5
            circuit-prune -q --threshold 0.2 cache.h5 -o circuit.h5
            """)
        try #require(made.status == 0, "\(made.errors)")
        try (code(section) + "\n" + checks).write(
            toFile: shell.folder.path("run.py"), atomically: true, encoding: .utf8)
        let outcome = try shell.run("\"$CIRCUITTOOLS_PYTHON\" run.py")
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test("h5py, three lines", .enabled(if: has("h5py"), "needs h5py in CIRCUITTOOLS_PYTHON"))
    func h5py() throws {
        try run(
            "h5py",
            """
            assert z.shape == f["clean/blocks.2.attn.hook_z"].shape and z.shape[0] == 4
            assert (z == f["clean/blocks.2.attn.hook_z"][:]).all() and abs(z).sum() > 0
            """)
    }

    @Test(
        "pandas, three lines",
        .enabled(if: has("h5py, pandas"), "needs pandas in CIRCUITTOOLS_PYTHON"))
    func pandas() throws {
        try run(
            "pandas",
            """
            assert set(edges.columns) >= {"sender", "receiver", "in_circuit"} and len(edges) == 927
            assert edges.sender.iloc[0] == "input" and edges.receiver.iloc[-1] == "logits"
            """)
    }

    @Test(
        "xarray, three lines",
        .enabled(if: has("h5py, xarray"), "needs xarray in CIRCUITTOOLS_PYTHON"))
    func xarray() throws {
        try run(
            "xarray",
            """
            assert nodes.in_circuit.dims == ("node",)
            assert bool(nodes.in_circuit.sel(node="logits")) is True
            """)
    }

    @Test(
        "The lines for xarray read every group of every kind of artifact",
        .enabled(if: has("h5py, xarray"), "needs xarray in CIRCUITTOOLS_PYTHON"))
    func xarrayOfEveryGroup() throws {
        let shell = try Shell()
        try code("xarray").write(
            toFile: shell.folder.path("recipe.py"), atomically: true, encoding: .utf8)
        try """
        import sys, warnings, h5py, numpy
        # The overlaps of circuits have one axis twice.
        warnings.filterwarnings("ignore", "Duplicate dimension names")
        recipe, count = open("recipe.py").read(), 0
        assert '"circuit.h5"' in recipe and '"nodes"' in recipe
        for path in sys.argv[1:]:
            file = h5py.File(path)
            groups = ["/"]
            file.visititems(lambda name, item: groups.append(name) if isinstance(item, h5py.Group) else None)
            for group in groups:
                names = {}
                exec(recipe.replace('"circuit.h5"', repr(path)).replace('"nodes"', repr(group)), names)
                for name, item in file[group].items():
                    if not isinstance(item, h5py.Dataset): continue
                    key = item.attrs["NAME"].decode() if item.is_scale else name
                    found = names["nodes"][key]
                    assert found.shape == item.shape, (path, item)
                    if not item.is_scale: assert list(found.dims) == [axis.label for axis in item.dims]
                    if item.dtype.kind in "iufb":
                        assert numpy.array_equal(found.values, item[()], item.dtype.kind == "f")
                    count += 1
        assert count > 300, count
        """.write(toFile: shell.folder.path("all.py"), atomically: true, encoding: .utf8)
        let files = Fixture.goldenFiles.map { Fixture.path($0) }.joined(separator: " ")
        let outcome = try shell.run("\"$CIRCUITTOOLS_PYTHON\" all.py \(files)")
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    private static let recorded = Fixture.path("interchange/transformers")

    @Test("A cache that transformers wrote is valid, and gives the circuit that our own gives")
    func recipe() throws {
        let shell = try Shell()
        let model = Fixture.path("models/tiny-llama")
        let made = try shell.run(
            """
            set -e
            circuit-pairs -q --from \(Self.recorded)/pairs.jsonl --model \(model) -o pairs.h5
            circuit-convert \(Self.recorded)/cache.safetensors --like pairs.h5 -o theirs.h5
            circuit-check theirs.h5
            circuit-cache -q pairs.h5 -o ours.h5
            circuit-prune -q --threshold 0.001 theirs.h5 -o a.h5
            circuit-prune -q --threshold 0.001 ours.h5 -o b.h5
            circuit-diff --json a.h5 b.h5
            """)
        #expect(made.status == 0, "\(made.output) \(made.errors)")
        let edges = try #require(try shell.shown("a.h5")["edges"] as? [[String: Any]])
        let kept = edges.count { $0["in_circuit"] as? Bool == true }
        #expect(kept > 0 && kept < edges.count)
    }

    @Test(
        "The recipe of the documentation writes the recorded file",
        .enabled(
            if: has("h5py, torch, transformers, safetensors"),
            "needs torch and transformers in CIRCUITTOOLS_PYTHON"))
    func recipeRuns() throws {
        let shell = try Shell()
        let model = Fixture.path("models/tiny-llama")
        let outcome = try shell.run(
            """
            set -e
            circuit-pairs -q --from \(Self.recorded)/pairs.jsonl --model \(model) -o pairs.h5
            "$CIRCUITTOOLS_PYTHON" \(Fixture.path("../docs/python/cache_from_transformers.py")) \
            pairs.h5 \(model) cache.safetensors
            "$CIRCUITTOOLS_PYTHON" - \(Self.recorded)/cache.safetensors cache.safetensors <<'END'
            import sys, numpy
            from safetensors.numpy import load_file
            old, new = map(load_file, sys.argv[1:])
            assert old.keys() == new.keys()
            assert all(numpy.allclose(old[name], new[name], atol=1e-5) for name in old)
            END
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}
