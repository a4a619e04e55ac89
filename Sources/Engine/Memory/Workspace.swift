/// A worker's scratch memory: handed out from few large blocks and taken back all at once, so that
/// inner loops allocate nothing once it has grown to what they need.
///
/// It is used by one thread at a time. What was taken stays valid until the workspace is reset past
/// it or released.
package final class Workspace {
    /// A point to go back to.
    package struct Mark {
        fileprivate var block: Int
        fileprivate var used: Int
    }

    private var blocks: [FloatBuffer] = []
    private var position = Mark(block: 0, used: 0)
    private let blockSize: Int

    /// Scratch that grows by at least `blockSize` values at a time.
    package init(blockSize: Int = 1 << 20) {
        self.blockSize = blockSize
    }

    /// `count` values, aligned to 64 bytes and not initialised.
    package func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        let rounded = (count + 15) & ~15
        while position.block < blocks.count {
            let block = blocks[position.block]
            if position.used + rounded <= block.count {
                defer { position.used += rounded }
                return block.values + position.used
            }
            position = Mark(block: position.block + 1, used: 0)
        }
        let block = FloatBuffer(count: max(rounded, blockSize))
        blocks.append(block)
        position.used = rounded
        return block.values
    }

    /// Where the next values will come from: pass it to `reset` to give back all after it.
    package var mark: Mark { position }

    /// Gives back what was taken since `mark`.
    package func reset(to mark: Mark) { position = mark }
}
