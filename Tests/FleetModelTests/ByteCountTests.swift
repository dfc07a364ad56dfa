import FleetModel
import Testing

@Suite struct ByteCountTests {
    @Test(
        arguments: [
            ("1500", 1500), ("0", 0), ("7B", 7), ("512kB", 512_000), ("1MB", 1_000_000),
            ("20GB", 20_000_000_000), ("1.5GB", 1_500_000_000), ("2TB", 2_000_000_000_000),
            ("1 MiB", 1_048_576), ("1KiB", 1024), ("3GiB", 3_221_225_472),
            ("1TiB", 1_099_511_627_776),
            ("0.0005kB", 1), ("1.1MiB", 1_153_434), ("18446744073709551615", UInt64.max),
        ] as [(String, UInt64)])
    func aCountIsReadWithTheUnitItIsWrittenIn(text: String, bytes: UInt64) throws {
        #expect(try ByteCount(parsing: text) == ByteCount(bytes))
    }

    @Test(arguments: [
        ("", "'' is not a byte count such as 20GB or 512kB"),
        ("GB", "'GB' is not a byte count such as 20GB or 512kB"),
        ("+5MB", "'+5MB' is not a byte count such as 20GB or 512kB"),
        ("-5MB", "a byte count cannot be negative: '-5MB'"),
        ("5Mb", "unknown unit 'Mb'; did you mean 'MB'?"),
        ("5KB", "unknown unit 'KB'; did you mean 'kB'?"),
        ("5 parsecs", "unknown unit 'parsecs'; known: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB"),
        ("1.2.3GB", "'1.2.3' is not a number of at most 6 decimals"),
        (".5GB", "'.5' is not a number of at most 6 decimals"),
        ("1.GB", "'1.' is not a number of at most 6 decimals"),
        ("0.0000001GB", "'0.0000001' is not a number of at most 6 decimals"),
        ("18446744073709551616", "'18446744073709551616' is more than 2^64 - 1 bytes"),
        ("18446744073710GB", "'18446744073710GB' is more than 2^64 - 1 bytes"),
        ("99999999TiB", "'99999999TiB' is more than 2^64 - 1 bytes"),
    ])
    func whatIsNoCountIsRefusedWithAReasonInOneLine(text: String, reason: String) {
        let error = #expect(throws: ByteCount.ParseError.self) { try ByteCount(parsing: text) }
        #expect(error?.description == reason)
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1549, "1.5 kB"), (1550, "1.6 kB"),
            (999_949, "999.9 kB"), (999_950, "1.0 MB"), (20_000_000_000, "20.0 GB"),
            (1_000_000_000_000_000, "1.0 PB"), (UInt64.max, "18.4 EB"),
        ] as [(UInt64, String)])
    func aCountIsShownWithOneDecimal(bytes: UInt64, text: String) {
        #expect(ByteCount(bytes).description == text)
    }

    @Test func sumsAndDifferencesThatAreNoCountsAreNil() {
        let largest = ByteCount(.max)
        #expect(largest.adding(ByteCount(1)) == nil)
        #expect(largest.adding(.zero) == largest)
        #expect(ByteCount(3).subtracting(ByteCount(4)) == nil)
        #expect(ByteCount(4).subtracting(ByteCount(4)) == .zero)
        #expect(ByteCount.megabytes(60).adding(.gigabytes(1)) == ByteCount(1_060_000_000))
        #expect(ByteCount(3) < ByteCount(4))
    }
}
