/// What the text of segments tends to consist of: the first words need not be spelled out.
///
/// Both ends use it: it is part of the protocol.
/// Protocol/dictionary says how it was made and has the same bytes.
package enum SharedDictionary {
    /// The dictionary of version 1.
    package static let version1 = bytes(ofBase64: text)

    private static func bytes(ofBase64 text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        for character in text.utf8 {
            guard let value = value(of: character) else { continue }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case 0x41...0x5a: UInt32(character) - 0x41
        case 0x61...0x7a: UInt32(character) - 0x61 + 26
        case 0x30...0x39: UInt32(character) - 0x30 + 52
        case 0x2b: 62
        case 0x2f: 63
        default: nil
        }
    }

    private static let text = """
        N6Qw7AEAAAAnENCSFDr//////w9MYdtjP3GZ/Ge7GUixFfvDK6SUUkqZJGC3/gYGMwAAMEg4FDA3F00eAAAEgEOO
        HZmgnk+ngzQIcRgFgQgEAEIAOAMcAAACAAAAAAAABDcx0jyHMgYhQwghxhhCpogAAAAAAQAAAAQAAAAIAAAAcHJv
        dmlzaW9uaW5nb3BlcmF0aW9uYWxhY3RpdmF0aW9uTFBBOjEkcm9hbWluZ3ByZXBhaWRwb3N0cGFpZGJ1c2luZXNz
        cHJpdmF0ZXRyYXZlbHBob25lbGFwdG9wdGFibGV0d2F0Y2ggZVNJTXRydWVmYWxzZUExQUlTQWlydGVsQW1lbmFB
        VCZUQmVsbEJlZWxpbmVCb3V5Z3VlcyBUZWxlY29tQlRDZWxjb21EaWdpQ2xhcm9Db25nc3RhckNvc21vdGVDU0xD
        ZWxsY29tRGlnaWNlbERpR2lEcmVpZHVFRUVsaXNhRW50ZWxFdGlzYWxhdEZyZWUgTW9iaWxlRmlkb0dsb2JlZ2lm
        ZmdhZmZJbGlhZEppb0tERElLeWl2c3RhcktQTktUTEcgVStMeWNhbW9iaWxlTWF4aXNNZWdhRm9uTW9iaWx5TW92
        aXN0YXJNVE5NVFNNZXRlb3JOT1NOVFQgRE9DT01PTzJPZGlkb09vcmVkb29PcHR1c09yYW5nZVBhcnRuZXJQZWxl
        cGhvbmVQbGF5UGx1c1Byb3hpbXVzUmFrdXRlbiBNb2JpbGVSb2dlcnNTYWZhcmljb21TYWx0U2luZ3RlbFNLIFRl
        bGVjb21TTUFSVFNvZnRCYW5rU0ZSU3Rhckh1YnN0Y1N1bnJpc2VTd2lzc2NvbVQtTW9iaWxlVGVsZTJUZWxjZWxU
        ZWxlZm9uaWNhVGVsZW5ldFRlbGVub3JUZWxpYVRlbGVrb21UZWxzdHJhVGVsdXNUaHJlZVRJTVRJR09UcnVlTW92
        ZVR1cmtjZWxsVHVyayBUZWxla29tVHVuZSBUYWxrVSBNb2JpbGVVYmlnaVZlcml6b25WaWV0dGVsVmluYXBob25l
        VmlyZ2luVml2b1ZvZGFjb21Wb2RhZm9uZVdJTkRUUkVZZXNzc1lldHRlbFlvaWdvWmFpbkFtc3RlcmRhbUF0aGVu
        c0Jhbmdrb2tCYXJjZWxvbmFCYXNlbEJlaWppbmdCZXJsaW5Cb2dvdGFCb3N0b25CcnVzc2Vsc0J1ZGFwZXN0QnVl
        bm9zIEFpcmVzQ2Fpcm9DYXBlIFRvd25DaGljYWdvQ29wZW5oYWdlbkR1YmFpRHVibGluRnJhbmtmdXJ0R2VuZXZh
        SGFtYnVyZ0hlbHNpbmtpSXN0YW5idWxKb2hhbm5lc2J1cmdLeWl2TGlzYm9uTG9uZG9uTG9zIEFuZ2VsZXNMeW9u
        TWFkcmlkTWVsYm91cm5lTWlhbWlNaWxhbk1vbnRyZWFsTW9zY293TXVtYmFpTXVuaWNoTmFpcm9iaU5ldyBZb3Jr
        T3Nha2FPc2xvUGFyaXNQb3J0b1ByYWd1ZVJvbWVTYW4gRnJhbmNpc2NvU2FudGlhZ29TYW8gUGF1bG9TZW91bFNo
        YW5naGFpU3RvY2tob2xtU3lkbmV5VGFsbGlublRva3lvVG9yb250b1ZhbmNvdXZlclZlbmljZVZpZW5uYVdhcnNh
        d1dhc2hpbmd0b25adXJpY2guY29tLm5ldC5vcmcuaW8uY28udWsuZGUuZnIuaXQuZXMuY2guYXQubmwuanAud29y
        bGQuZ2xvYmFsLm1vYml3d3cuYXBpLnJzcC5zbWRwLnNtZHMubHBhLmRwLXBsdXMtc20tdjQtMHByb2QucHJvZC0u
        cHJvZC5jdXN0LTAwLWd0bS5wci5yb2FtaW5nLmRhdGEubW9iaWxlLmludGVybmV0LndlYi53YXAuZ3Bycy5pb3Qu
        bTJtLmFwbi5mYXN0Lm5ldC5tbXMuLmdwcnMubW5jMDAxLm1jYy5pb3QubTJtdGhpbmdzY29ubmVjdHRyYXZlbHRy
        aXByb2FtZ2xvYmFsc2ltZXNpbWUtc2ltdGVsZWNvbXdpcmVsZXNzY2VsbHVsYXJicm9hZGJhbmR0cmFuc2l0Y2l0
        cnVzY29ycG9yYXRlc3RhZmZmYW1pbHlraWRzZ3Vlc3Rob21lY2FyY2FtZXJhYWlydGVsZ3Bycy5jb21hcmtlc3Nh
        Lm5ldGJpY3NhcG5ibHVldmlhLm1vdmlzdGFyLmVzYnJvYWRiYW5kLnRyY2xhcm8uY29tLmFyY21uZXRkYXRhLmFw
        bmRhdGEubHljYW1vYmlsZS5jb21kcmVpLmF0ZS1jb25uZWN0ZS1pZGVhc2V2ZXJ5d2hlcmVmYXN0LnQtbW9iaWxl
        LmNvbWZyZWVnbG9iYWxkYXRhZ3Bycy5zd2lzc2NvbS5jaGgyZzJob2xvZ3JhbWlib3gudGltLml0aW1zaWludGVy
        bmV0Lml0ZWxjZWwuY29taW50ZXJuZXQubXRzaW50ZXJuZXQucHJveGltdXMuYmVpbnRlcm5ldC50ZWxla29taW50
        ZXJuZXQudm9kYWZvbmVpbnRlcm5ldC53aW5kaW90LjFuY2UubmV0aW90LnRlbGUyamlvbmV0bGl2ZS52b2RhZm9u
        ZS5jb21tMm0udGVsZW5vcm1vYmlsZS52b2RhZm9uZS5pdG1vYmlsZWRhdGFtb2JpbGVpbnRlcm5ldG13b3JsZC5i
        ZW4uaXNwc25uZXQuaG90bW54dGdlbnBob25lb25saW5lLnRlbGlhLnNlb3JhbmdlLmZycGx1c3BpbnRlcm5ldC5p
        bnRlcmtvbS5kZXBvcnRhbG5tbXNwcC52b2RhZm9uZS5jby51a3B1YmxpYzQubTJtaW50ZXJuZXQuY29tcm9hbS53
        b3JsZHNsMnNmcnNvcmFjb20uaW9zcG1vZGUubmUuanBzdXBlcnRlbGVmb25pY2EuZXN0ZWxlMi5jb210bW9iaWxl
        dHJ1cGhvbmUuY29tdWludGVybmV0dW10c3Z6d2ludGVybmV0d2FwLmNpbmd1bGFyd2Fwd2ViLm9tbml0ZWwuaXR3
        ZWIudm9kYWZvbmUuZGV3aG9sZXNhbGV3ZWJkYXRhbW9iaWxlaW50ZXJuZXQxLmVzaW0uZXhhbXBsZWNvbnN1bWVy
        LmUtc2ltLmdsb2JhbGNvbnN1bWVyLnJzcC53b3JsZGN1c3QtMDAxLXY0LXByb2QtYXRsMi5nZHNiLm5ldGRwLXBs
        dXMtcGFyMDctMDEub2FzaXMtc21hcnRzaW0uY29tZWNwcnNwLmVhc3Rjb21wZWFjZS5jb21lc2ltLndvLmNvbS5j
        bmxwYS5kcy5nc21hLmNvbWxwYS5saXZlLmVzaW1kaXNjb3ZlcnkuY29tbWlsbGljb21lbHNhbHZhZG9yLnZhbGlk
        c3BlcmVhY2hkcHBsdXMuY29tcHJvZC5zbWRwLXBsdXMucnNwLmdvb2dwcm9kLnNtZHAucnNwLmdvb2dyc3AtMDAw
        Mi5vYmVydGh1ci5uZXRyc3AtZXUuc2ltbGVzc2x5LmNvbXJzcC0zMTA0LmlkZW1pYS5pb3JzcC50cnVwaG9uZS5j
        b21yc3AuZGVtby5uZXRzbS12NC0wMDQtYS1ndG0ucHIuZ28tZXNpbS5jb21zbS12NC0wNjQtYS1ndG0ucHIuZ28t
        ZXNpbS5jb21zbWRwLXBsdXMtMC5ldS5jZC5yc3Aua2lnZW4uY29tc21kcC5pb3NtZHAucGx1c3NtLWRwLnBsdXNz
        bWRwcGx1cy5jb210LW1vYmlsZS5pZGVtaWEuaW90cmwucHJvZC5vbmRlbWFuZGNvbm5lY3Rpdml0eS5jb213Ymcu
        cHJvZC5vbmRlbWFuZGNvbm5lY3Rpdml0eS5jb212b2RhZm9uZS1kZS5nZHNiLm5ldG9yYW5nZS5mcnRlbGVmb25p
        Y2EuY29tLnByb2QuLmV4YW1wbGUuY29tLmVzaW0ubmV0Lm1vYmlsZS5jb21odHRwczovL0FmZ2hhbmlzdGFuQWxi
        YW5pYUFsZ2VyaWFBbmRvcnJhQW5nb2xhQXJnZW50aW5hQXJtZW5pYUF1c3RyYWxpYUF1c3RyaWFBemVyYmFpamFu
        QmFoYW1hc0JhaHJhaW5CYW5nbGFkZXNoQmFyYmFkb3NCZWxhcnVzQmVsZ2l1bUJlbGl6ZUJlbmluQmh1dGFuQm9s
        aXZpYUJvc25pYSBhbmQgSGVyemVnb3ZpbmFCb3Rzd2FuYUJyYXppbEJydW5laUJ1bGdhcmlhQnVya2luYSBGYXNv
        Q2FtYm9kaWFDYW1lcm9vbkNhbmFkYUNhcGUgVmVyZGVDaGFkQ2hpbGVDaGluYUNvbG9tYmlhQ29uZ29Db3N0YSBS
        aWNhQ3JvYXRpYUN1YmFDeXBydXNDemVjaGlhRGVubWFya0RqaWJvdXRpRG9taW5pY2FEb21pbmljYW4gUmVwdWJs
        aWNFY3VhZG9yRWd5cHRFbCBTYWx2YWRvckVzdG9uaWFFc3dhdGluaUV0aGlvcGlhRmlqaUZpbmxhbmRGcmFuY2VH
        YWJvbkdhbWJpYUdlb3JnaWFHZXJtYW55R2hhbmFHcmVlY2VHcmVuYWRhR3VhdGVtYWxhR3VpbmVhR3V5YW5hSGFp
        dGlIb25kdXJhc0hvbmcgS29uZ0h1bmdhcnlJY2VsYW5kSW5kaWFJbmRvbmVzaWFJcmFuSXJhcUlyZWxhbmRJc3Jh
        ZWxJdGFseUl2b3J5IENvYXN0SmFtYWljYUphcGFuSm9yZGFuS2F6YWtoc3RhbktlbnlhS29zb3ZvS3V3YWl0S3ly
        Z3l6c3Rhbkxhb3NMYXR2aWFMZWJhbm9uTGVzb3Rob0xpYmVyaWFMaWJ5YUxpZWNodGVuc3RlaW5MaXRodWFuaWFM
        dXhlbWJvdXJnTWFjYXVNYWRhZ2FzY2FyTWFsYXdpTWFsYXlzaWFNYWxkaXZlc01hbGlNYWx0YU1hdXJpdGFuaWFN
        YXVyaXRpdXNNZXhpY29Nb2xkb3ZhTW9uYWNvTW9uZ29saWFNb250ZW5lZ3JvTW9yb2Njb01vemFtYmlxdWVNeWFu
        bWFyTmFtaWJpYU5lcGFsTmV0aGVybGFuZHNOZXcgWmVhbGFuZE5pY2FyYWd1YU5pZ2VyTmlnZXJpYU5vcnRoIE1h
        Y2Vkb25pYU5vcndheU9tYW5QYWtpc3RhblBhbmFtYVBhcHVhIE5ldyBHdWluZWFQYXJhZ3VheVBlcnVQaGlsaXBw
        aW5lc1BvbGFuZFBvcnR1Z2FsUHVlcnRvIFJpY29RYXRhclJvbWFuaWFSdXNzaWFSd2FuZGFTYW1vYVNhbiBNYXJp
        bm9TYXVkaSBBcmFiaWFTZW5lZ2FsU2VyYmlhU2V5Y2hlbGxlc1NpZXJyYSBMZW9uZVNpbmdhcG9yZVNsb3Zha2lh
        U2xvdmVuaWFTb3V0aCBBZnJpY2FTb3V0aCBLb3JlYVNwYWluU3JpIExhbmthU3VkYW5TdXJpbmFtZVN3ZWRlblN3
        aXR6ZXJsYW5kU3lyaWFUYWl3YW5UYWppa2lzdGFuVGFuemFuaWFUaGFpbGFuZFRvZ29Ub25nYVRyaW5pZGFkIGFu
        ZCBUb2JhZ29UdW5pc2lhVHVya2V5VHVya21lbmlzdGFuVWdhbmRhVWtyYWluZVVuaXRlZCBBcmFiIEVtaXJhdGVz
        VW5pdGVkIEtpbmdkb21Vbml0ZWQgU3RhdGVzVXJ1Z3VheVV6YmVraXN0YW5WYXRpY2FuVmVuZXp1ZWxhVmlldG5h
        bVllbWVuWmFtYmlhWmltYmFid2VBZnJpY2FBbWVyaWNhc0FzaWFCYWxrYW5zQmFsdGljc0NhcmliYmVhbkNlbnRy
        YWwgQXNpYUV1cm9saW5rRXVyb3BlR2xvYmFsTGF0aW4gQW1lcmljYU1pZGRsZSBFYXN0Tm9yZGljc05vcnRoIEFt
        ZXJpY2FPY2VhbmlhU2NhbmRpbmF2aWFTb3V0aCBBbWVyaWNhU291dGhlYXN0IEFzaWFVQUVVS1VTQVdvcmxkRVUg
        MUdCIDdkIDFHQiAxNWQgMUdCIDMwZCAxR0IgOTBkIDJHQiA3ZCAyR0IgMTVkIDJHQiAzMGQgMkdCIDkwZCAzR0Ig
        N2QgM0dCIDE1ZCAzR0IgMzBkIDNHQiA5MGQgNUdCIDdkIDVHQiAxNWQgNUdCIDMwZCA1R0IgOTBkIDEwR0IgN2Qg
        MTBHQiAxNWQgMTBHQiAzMGQgMTBHQiA5MGQgMjBHQiA3ZCAyMEdCIDE1ZCAyMEdCIDMwZCAyMEdCIDkwZCAzMEdC
        IDdkIDMwR0IgMTVkIDMwR0IgMzBkIDMwR0IgOTBkIDUwR0IgN2QgNTBHQiAxNWQgNTBHQiAzMGQgNTBHQiA5MGQg
        MTAwR0IgN2QgMTAwR0IgMTVkIDEwMEdCIDMwZCAxMDBHQiA5MGRlcnJvcmV4cGlyZWR1bmF2YWlsYWJsZXJlbGVh
        c2VkY29uZmlybWVkbGlua2VkZGVsZXRlZGF2YWlsYWJsZWRvd25sb2FkZWRpbnN0YWxsZWRkaXNhYmxlZGVuYWJs
        ZWQ=
        """
}
