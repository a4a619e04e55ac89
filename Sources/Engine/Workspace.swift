/// A worker's scratch memory: handed out from one block, taken back all at once, so that inner
/// loops allocate nothing.
public struct Workspace: ~Copyable {
    private let memory: FloatBuffer
    private var used = 0

    /// Scratch for `capacity` values.
    public init(capacity: Int) {
        memory = FloatBuffer(count: capacity)
    }

    /// `count` values that stay valid until the workspace is reset past them.
    public mutating func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        let start = used
        used += (count + 15) & ~15
        precondition(used <= memory.count, "workspace of \(memory.count) values is too small")
        return memory.values + start
    }

    /// Where the next values will come from: pass it to `reset` to give back all after it.
    public var mark: Int { used }

    /// Gives back what was taken since `mark`.
    public mutating func reset(to mark: Int = 0) { used = mark }
}
