import Basics
import Crypto
import HDF5

/// What the writer does to its file.
extension ActivationCacheWriter {
    /// Calls `body` with the root of the open file.
    func withRoot<Result>(
        _ body: (borrowing Group) throws(HDF5Error) -> Result
    ) throws(ArtifactError) -> Result {
        do throws(ArtifactError) {
            let result = try rethrowing { () throws(HDF5Error) -> Result? in
                guard let root = try file?.root() else { return nil }
                return try body(root)
            }
            guard let result else {
                throw ArtifactError(.internalError, "the cache is finished already")
            }
            return result
        } catch {
            throw pending.named(error)
        }
    }

    /// Creates the dataset of a hook and run.
    func create(
        _ hook: String, _ run: ActivationRun, shape: [Int], layout: ActivationLayout
    ) throws(ArtifactError) {
        let path = "\(run.rawValue)/\(hook)"
        let precision = description.precision
        let dims = HookAxes.names(of: hook, rank: shape.count)
        try withRoot { (root) throws(HDF5Error) in
            let dataset = try root.createDataset(
                path, type: precision.elementType, shape: shape, layout: layout.layout(shape))
            try ContentWriter.label(dims, of: dataset)
            try ContentWriter.write(precision.attributes, on: dataset)
        }
        declare(hook, run, shape: shape, dims: dims)
    }

    /// Notes a dataset that is in the file, nothing of it written yet.
    func declare(_ hook: String, _ run: ActivationRun, shape: [Int], dims: [String]) {
        let precision = description.precision
        columns["\(run.rawValue)/\(hook)"] = Column(shape: shape)
        var entry = ContentDataset(
            bulk: precision.elementType.schemaName, shape: shape, dims: dims, sha256: nil)
        entry.attributes = precision.attributes
        content.groups[run.rawValue, default: ContentGroup()].datasets[hook] = entry
    }

    /// Stores each dataset's SHA-256, in the file and in the tree whose digest is computed.
    func writeDigests() throws(ArtifactError) {
        for (path, column) in columns.sorted(by: { $0.key < $1.key }) {
            let sha256 = column.hash.finalize().hexadecimal
            try withRoot { (root) throws(HDF5Error) in
                try root.dataset(path).setAttribute("sha256", sha256)
            }
            guard let slash = path.firstIndex(of: "/") else { continue }
            let hook = String(path[path.index(after: slash)...])
            content.groups[String(path[..<slash])]?.datasets[hook]?.sha256 = sha256
            content.groups[String(path[..<slash])]?.datasets[hook]?.attributes["sha256"] =
                .string(sha256)
        }
    }

    /// Writes everything but the activations, the digest last, and closes the file.
    func close(notesOf former: ArtifactFile?) throws(ArtifactError) {
        if progress != nil {
            try withRoot { (root) throws(HDF5Error) in try root.delete(CacheProgress.name) }
        }
        var small = content
        small.groups["clean"] = nil
        small.groups["corrupted"] = nil
        try withRoot { (root) throws(HDF5Error) in
            for run in ActivationRun.allCases where try !root.contains(run.rawValue) {
                try root.createGroup(run.rawValue).close()
            }
        }
        guard let file = file.take() else { return }
        let root = try rethrowing { () throws(HDF5Error) in try file.root() }
        try former?.copyNotes(to: root)
        try ContentWriter.write(small, into: root)
        root.close()
        do throws(HDF5Error) {
            try file.close()
        } catch {
            throw ArtifactError(error)
        }
    }
}
