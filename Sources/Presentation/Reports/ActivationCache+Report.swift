import Artifacts
import Basics

extension ActivationCache {
    func addSummary(to report: inout Report) {
        dataset.content.addSummary(to: &report)
        report.add("precision", description.precision.rawValue)
        let width = description.precision == .float32 ? 4 : 2
        let values = shapes.values.reduce(0) { $0 + $1.reduce(1, *) }
        report.add(
            "activations",
            "\(shapes.count) hooks, clean and corrupted, "
                + "\(size(ofBytes: 2 * values * width)) uncompressed")
        report.add("positions", description.positionFilter.joined(separator: ", "))
    }

    func addTables(to report: inout Report, _ selection: ReportSelection) {
        let rows = shapes.map { name, shape in (layer(ofHook: name), name, shape) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map { _, name, shape in [name, shape.map(String.init).joined(separator: " x ")] }
        report.add(
            ReportTable(
                title: "activations, of each run", columns: ["hook", "shape"],
                rows: rows))
    }
}

/// A number of bytes in kB, or from 10 MB on in MB.
private func size(ofBytes count: Int) -> String {
    count < 10_000_000
        ? "\(Figures.count(max(1, count / 1000))) kB" : "\(Figures.count(count / 1_000_000)) MB"
}

/// The layer in a hook's name, so that `blocks.10` is listed after `blocks.9`; -1 for what comes
/// before the first layer, `Int.max` for what comes after the last.
private func layer(ofHook hook: String) -> Int {
    let parts = hook.split(separator: ".")
    guard parts.count > 1, parts[0] == "blocks" else {
        return hook.hasPrefix("ln_final") || hook.hasPrefix("unembed") ? .max : -1
    }
    return Int(parts[1]) ?? -1
}
