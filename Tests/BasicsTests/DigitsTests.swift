import Basics
import Testing

@Suite("Numbers with few digits")
struct DigitsTests {
    @Test("A number is shown as it was typed, or with six digits")
    func shown() {
        #expect(0.05.inSixDigits == "0.05")
        #expect((-0.1).inSixDigits == "-0.1")
        #expect(0.017782794100389229.inSixDigits == "0.0177828")
        #expect(1e-7.inSixDigits == "1e-07")
        #expect(0.0.inSixDigits == "0.0" && 3.0.inSixDigits == "3.0")
        #expect(Double.infinity.inSixDigits == "inf" && Double.nan.inSixDigits == "nan")
    }

    @Test("The shortest number of a range that is near another one")
    func shortest() {
        #expect(0.0177827941.shortest(in: 0.01...0.02) == 0.0178)
        #expect(0.0177827941.shortest(in: 0.01778...0.01779) == 0.01778)
        let narrow = 0.1.nextUp...0.1.nextUp
        #expect(0.1.nextUp.shortest(in: narrow) == 0.1.nextUp)
        #expect((-1e-6).shortest(in: -1...0) == -1e-6)
    }
}
