import CZstd

/// A zstd frame without its four bytes of magic: a connection knows what it carries.
///
/// zstd has had this format since 1.4; the header keeps its name among the experimental ones, so
/// the parameters are called by number there and here.
enum ZstdFormat {
    /// `ZSTD_c_format`.
    static let ofCompression = ZSTD_c_experimentalParam2
    /// `ZSTD_d_format`.
    static let ofDecompression = ZSTD_d_experimentalParam1
    /// `ZSTD_f_zstd1_magicless`.
    static let withoutMagic: Int32 = 1
}
