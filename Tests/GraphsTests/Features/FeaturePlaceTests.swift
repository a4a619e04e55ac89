import Graphs
import Testing

@Suite("Names of features at positions")
struct FeaturePlaceTests {
    @Test("A name is read and written the same", arguments: ["m1.f17@5", "m0.f3@2:", "m10.f0@2:5"])
    func names(name: String) throws {
        #expect(try #require(FeaturePlace(name)).name == name)
    }

    @Test("Positions end with the prompt")
    func positions() throws {
        #expect(try #require(FeaturePlace("m0.f3@2:")).positions(below: 6) == 2..<6)
        #expect(try #require(FeaturePlace("m0.f3@2:4")).positions(below: 6) == 2..<4)
        #expect(try #require(FeaturePlace("m0.f3@5")).positions(below: 6) == 5..<6)
        #expect(try #require(FeaturePlace("m0.f3@9:")).positions(below: 6).isEmpty)
    }

    @Test(
        "What is no such name isn't read",
        arguments: [
            "m1.f17", "m1@5", "a1.h2@5", "m1.f@5", "m1.f1@", "m1.f1@-1", "m1.f1@3:3", "m1.f1@1:2:3",
            "m1.f1.f2@3", "", "m1.f1@9223372036854775807", "m1.f1@9223372036854775807:",
        ])
    func noNames(name: String) {
        #expect(FeaturePlace(name) == nil)
    }
}
