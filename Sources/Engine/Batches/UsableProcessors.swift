import Foundation

/// How many processors this process may use: no more than its affinity mask has, than the quota of its
/// control groups pays for, and than Slurm gave its task.
///
/// Containers and batch systems give out fewer than the machine has, often by a quota alone: then
/// threads beyond it only take time from each other.
package struct UsableProcessors: Hashable, Sendable {
    /// The processors of the affinity mask that are online.
    package let affinity: Int
    /// The processors that the least quota of the control groups pays for, rounded up; nil without one.
    package let quota: Int?
    /// `SLURM_CPUS_PER_TASK`; nil where it isn't set.
    package let slurm: Int?

    /// The least of them, at least 1.
    package var count: Int { max(1, min(affinity, quota ?? affinity, slurm ?? affinity)) }

    /// Those of this process.
    package static let ofThisProcess = UsableProcessors()

    /// Reads what there is.
    /// - Parameters:
    ///   - online: the processors of the machine.
    ///   - environment: where Slurm says what it gave.
    ///   - root: what stands before `/proc`, and before the folders where control groups are mounted.
    package init(
        online: Int = ProcessInfo.processInfo.activeProcessorCount,
        environment: [String: String] = ProcessInfo.processInfo.environment, root: String = ""
    ) {
        let files = ProcessFiles(root: root)
        let list = files.lines("/proc/self/status")
            .first { $0.hasPrefix("Cpus_allowed_list:") }?
            .drop { $0 != "\t" }.dropFirst()
        affinity = min(online, list.flatMap { Self.count(ofList: $0) } ?? online)
        quota = ControlGroups(files: files).leastQuota.map { Int($0.rounded(.up)) }
        slurm = environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// The processors of a list such as `0-3,8`; nil where it isn't one.
    private static func count(ofList list: Substring) -> Int? {
        list.split(separator: ",").reduce(0) { sum, part in
            let ends = part.split(separator: "-").map { Int($0) }
            guard let sum, let first = ends.first ?? nil, let last = ends.last ?? nil,
                last >= first
            else { return nil }
            return sum + last - first + 1
        }
    }
}

/// The control groups that this process is in, of version 1 or 2, as far as they limit its time on
/// processors.
private struct ControlGroups {
    let files: ProcessFiles

    /// The least of the quotas of the process' group and of those around it, in processors; nil where
    /// none is limited.
    var leastQuota: Double? {
        let groups = files.lines("/proc/self/cgroup").compactMap(Self.group)
        return files.lines("/proc/self/mountinfo").flatMap { line -> [Double] in
            guard let mount = Mount(line),
                let path = groups.first(where: { $0.isVersion2 == mount.isVersion2 })?.path
            else { return [] }
            return mount.folders(ofGroup: path).compactMap { folder in
                mount.isVersion2 ? quota(max: folder) : quota(cfs: folder)
            }
        }.min()
    }

    /// A group from a line such as `4:cpu,cpuacct:/user/1` or, of version 2, `0::/user/1`.
    private static func group(_ line: Substring) -> (isVersion2: Bool, path: String)? {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        if fields[0] == "0", fields[1].isEmpty { return (true, String(fields[2])) }
        guard fields[1].split(separator: ",").contains("cpu") else { return nil }
        return (false, String(fields[2]))
    }

    /// A hierarchy of groups that is mounted somewhere.
    private struct Mount {
        /// The group that the mounted folder is.
        let group: String
        let folder: String
        let isVersion2: Bool

        /// From a line such as `31 23 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu`; nil for
        /// others.
        init?(_ line: Substring) {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count >= dash + 4
            else { return nil }
            isVersion2 = fields[dash + 1] == "cgroup2"
            let isOfProcessors = fields[dash + 3].split(separator: ",").contains("cpu")
            guard isVersion2 || (fields[dash + 1] == "cgroup" && isOfProcessors) else { return nil }
            group = String(fields[3])
            folder = String(fields[4])
        }

        /// The folders of a group and of the groups around it, as far as they are mounted.
        func folders(ofGroup path: String) -> [String] {
            // In a container the mounted folder often is the group itself, or one around it.
            let isInside = path == group || path.hasPrefix(group == "/" ? "/" : group + "/")
            let rest = isInside ? path.dropFirst(group == "/" ? 0 : group.count) : ""
            var folders = [folder]
            for part in rest.split(separator: "/") where part != ".." {
                folders.append(folders[folders.count - 1] + "/" + part)
            }
            return folders
        }
    }

    /// `cpu.max`: a quota and a period in microseconds, or `max`.
    private func quota(max folder: String) -> Double? {
        let parts = files.text(folder + "/cpu.max").split(whereSeparator: \.isWhitespace)
        guard parts.count == 2 else { return nil }
        return quota(parts[0], parts[1])
    }

    /// `cpu.cfs_quota_us` and `cpu.cfs_period_us`; -1 is no quota.
    private func quota(cfs folder: String) -> Double? {
        quota(
            files.text(folder + "/cpu.cfs_quota_us").prefix { !$0.isWhitespace },
            files.text(folder + "/cpu.cfs_period_us").prefix { !$0.isWhitespace })
    }

    private func quota(_ quota: Substring, _ period: Substring) -> Double? {
        guard let quota = Double(quota), let period = Double(period), quota > 0, period > 0
        else { return nil }
        return quota / period
    }
}

/// Files in which the system says what a process may use.
private struct ProcessFiles {
    /// What stands before their paths.
    let root: String

    func lines(_ path: String) -> [Substring] { text(path).split(separator: "\n") }

    /// A file's text; empty where there is none, as in `/proc` of another system.
    func text(_ path: String) -> String {
        (try? String(contentsOfFile: root + path, encoding: .utf8)) ?? ""
    }
}
