import Engine
import Foundation
import Testing

/// What limits the threads of a process, from files as Linux has them.
@Suite("Usable processors")
struct UsableProcessorsTests {
    /// The processors that a process of a machine of 64 may use that has these files.
    private func processors(
        _ files: [String: String], allowed: String? = nil, environment: [String: String] = [:]
    ) throws -> UsableProcessors {
        let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: root) }
        var files = files
        files["proc/self/status"] = "Name:\tx\nCpus_allowed_list:\t\(allowed ?? "0-63")\n"
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return UsableProcessors(online: 64, environment: environment, root: root.path)
    }

    private let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"

    @Test("Without limits it is the affinity mask")
    func unlimited() throws {
        #expect(try processors([:]).count == 64)
        let files = [
            "proc/self/cgroup": "0::/user.slice\n", "proc/self/mountinfo": unified,
            "sys/fs/cgroup/user.slice/cpu.max": "max 100000\n",
        ]
        #expect(try processors(files).quota == nil)
        #expect(try processors(files).count == 64)
        #expect(try processors(files, allowed: "1-2,8").count == 3)
        #expect(try processors(files, allowed: "0-127").count == 64)
        #expect(try processors(files, allowed: "all").count == 64)
    }

    @Test("Of version 2 the least quota of a group and those around it counts, rounded up")
    func version2() throws {
        var files = [
            "proc/self/cgroup": "0::/a/b\n", "proc/self/mountinfo": unified,
            "sys/fs/cgroup/a/cpu.max": "850000 100000\n",
            "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
        ]
        #expect(try processors(files).count == 9)
        files["sys/fs/cgroup/a/b/cpu.max"] = "150000 50000\n"
        #expect(try processors(files).count == 3)
        files["sys/fs/cgroup/a/b/cpu.max"] = "10000 100000\n"
        #expect(try processors(files).count == 1)
        #expect(try processors(files, allowed: "0,2").count == 1)
    }

    @Test("Of version 1 the hierarchy of cpu counts, wherever it is mounted")
    func version1() throws {
        let files = [
            "proc/self/cgroup": "5:memory:/x\n4:cpu,cpuacct:/docker/7f\n0::/\n",
            "proc/self/mountinfo": """
            31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            32 23 0:28 /docker/7f /sys/fs/cgroup/cpu rw shared:3 - cgroup cgroup rw,cpu,cpuacct

            """,
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/cpu.cfs_quota_us": "100000\n",
            "sys/fs/cgroup/memory/cpu.cfs_period_us": "100000\n",
        ]
        #expect(try processors(files).count == 4)
        var free = files
        free["sys/fs/cgroup/cpu/cpu.cfs_quota_us"] = "-1\n"
        #expect(try processors(free).count == 64)
    }

    @Test("Slurm's share counts too, where it is a number")
    func slurm() throws {
        func count(_ value: String) throws -> Int {
            try processors([:], environment: ["SLURM_CPUS_PER_TASK": value]).count
        }
        #expect(try count("16") == 16)
        #expect(try count("128") == 64)
        #expect(try count("0") == 64)
        #expect(try count("many") == 64)
    }

    @Test(
        "What can't be read limits nothing",
        arguments: ["", "garbage", "0::", "4:cpu:/x\n", "::::\n\n- - -"])
    func garbage(text: String) throws {
        let files = [
            "proc/self/cgroup": text, "proc/self/mountinfo": text + unified,
            "sys/fs/cgroup/cpu.max": "100000\n",
        ]
        #expect(try processors(files).count == 64)
    }
}
