import ArgumentParser
import Basics
import Testing
import ToolSupport

private enum Fruit: String, CaseIterable, ChoiceArgument {
    case apple = "an-apple"
    case pear = "a-pear"

    static var noun: String { "fruit" }
}

private struct Inner: ParsableArguments {
    @Option var size: Int?
    @Flag var dry = false
}

private struct Outer: ParsableArguments {
    @Argument var input = "-"
    @Option var fruit = Fruit.apple
    @Option(parsing: .upToNextOption) var names: [String] = []
    @OptionGroup var inner: Inner
}

@Suite("Values of options")
struct OptionValuesTests {
    @Test("Values are those of all options, flags and arguments, groups included, in order")
    func values() throws {
        let defaults = try Outer.parse([])
        #expect(
            defaults.optionValues() == [
                "input=-", "fruit=apple", "names=[]", "size=nil", "dry=false",
            ])
        let given = try Outer.parse(["x", "--fruit", "a-pear", "--size", "3", "--dry"])
        #expect(
            given.optionValues(except: ["input", "names"]) == [
                "fruit=pear", "size=Optional(3)", "dry=true",
            ])
    }

    @Test("A group is left out as a whole")
    func groups() throws {
        let values = try Outer.parse([]).optionValues(except: ["inner"])
        #expect(values == ["input=-", "fruit=apple", "names=[]"])
    }

    @Test("A name that is left out says nothing of the properties of groups")
    func namesInGroups() throws {
        let values = try Outer.parse([]).optionValues(except: ["size", "input"])
        #expect(values == ["fruit=apple", "names=[]", "size=nil", "dry=false"])
    }

    @Test("A choice is parsed by its name and shown by it; help texts don't list the names again")
    func choices() throws {
        #expect(try Outer.parse(["--fruit", "a-pear"]).fruit == .pear)
        #expect(throws: (any Error).self) { try Outer.parse(["--fruit", "pear"]) }
        let help = Outer.helpMessage()
        #expect(help.contains("(default: an-apple)"))
        #expect(!help.contains("a-pear"))
    }
}
