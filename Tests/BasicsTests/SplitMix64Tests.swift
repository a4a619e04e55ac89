import Basics
import Testing

@Suite("SplitMix64")
struct SplitMix64Tests {
    @Test("The first numbers equal those of Vigna's splitmix64.c")
    func splitMix() {
        // The first outputs of Vigna's splitmix64.c from the state 0.
        var random = SplitMix64(seed: 0)
        #expect(random.next() == 0xE220_A839_7B1D_CDAF)
        #expect(random.next() == 0x6E78_9E6A_A1B9_65F4)
        #expect(random.next() == 0x06C4_5D18_8009_454F)
    }

    @Test("All numbers below a bound are drawn about equally often")
    func bounds() {
        var random = SplitMix64(seed: 7)
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<6000 { counts[random.number(below: 6)] += 1 }
        #expect(counts.allSatisfy { (900..<1100).contains($0) })
        #expect(random.number(below: 1) == 0)
    }

    @Test("Several picked elements are different, and in random order")
    func picks() {
        var random = SplitMix64(seed: 3)
        let picked = random.pick(20, of: Array(0..<20))
        #expect(Set(picked) == Set(0..<20))
        #expect(picked != Array(0..<20))
        #expect(random.pick(0, of: [Int]()).isEmpty)
    }
}
