import Basics
import Testing

@Suite("Choices by name")
struct NamedChoiceTests {
    private enum Fruit: String, CaseIterable, NamedChoice {
        case apple = "an-apple"
        case pear = "a-pear"

        static var noun: String { "fruit" }
    }

    @Test("A choice is found by its name")
    func name() throws {
        #expect(try Fruit(named: "a-pear") == .pear)
        #expect(Fruit.pear.name == "a-pear")
    }

    @Test("Another name is a usage error that lists the names")
    func unknownName() {
        let error = #expect(throws: Failure.self) { try Fruit(named: "plum") }
        #expect(error?.kind == .usage)
        #expect(
            error?.description == "there is no fruit 'plum'; choose one of an-apple, a-pear")
    }

    @Test("A misspelt name is told what was meant")
    func misspelt() {
        let error = #expect(throws: Failure.self) { try Fruit(named: "a_pera") }
        #expect(
            error?.description
                == "there is no fruit 'a_pera'; choose one of an-apple, a-pear; did you mean 'a-pear'?"
        )
    }
}
