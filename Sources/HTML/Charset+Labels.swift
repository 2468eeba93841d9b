extension Charset {
    /// Labels of the standard, with the name of each set and iconv's.
    static let known: [String: (name: String, system: String)] = {
        var known: [String: (String, String)] = [:]
        func add(_ name: String, _ system: String, _ labels: String...) {
            for label in [name] + labels { known[label] = (name, system) }
        }
        add("utf-8", "", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8")
        add(
            "windows-1252", "", "ansi_x3.4-1968", "ascii", "us-ascii", "cp1252", "cp819", "ibm819", "iso-8859-1",
            "iso8859-1", "iso88591", "iso_8859-1", "iso_8859-1:1987", "iso-ir-100", "l1", "latin1", "x-cp1252",
            "csisolatin1")
        add("utf-16le", "UTF-16LE", "utf-16", "ucs-2", "iso-10646-ucs-2", "unicode", "csunicode", "unicodefeff")
        add("utf-16be", "UTF-16BE", "unicodefffe")
        for number in [2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16] {
            add(
                "iso-8859-\(number)", "ISO-8859-\(number)", "iso8859-\(number)", "iso8859\(number)",
                "iso_8859-\(number)")
        }
        add("iso-8859-2", "ISO-8859-2", "latin2", "l2", "iso-ir-101", "csisolatin2")
        add("iso-8859-5", "ISO-8859-5", "cyrillic", "iso-ir-144", "csisolatincyrillic")
        add("iso-8859-6", "ISO-8859-6", "arabic", "ecma-114", "asmo-708", "iso-8859-6-e", "iso-8859-6-i")
        add("iso-8859-7", "ISO-8859-7", "greek", "greek8", "ecma-118", "sun_eu_greek", "iso-ir-126")
        add("iso-8859-8", "ISO-8859-8", "hebrew", "visual", "iso-8859-8-e", "iso-8859-8-i", "logical")
        add("iso-8859-10", "ISO-8859-10", "latin6", "l6", "iso-ir-157")
        add("iso-8859-15", "ISO-8859-15", "latin9", "latin-9", "l9", "csisolatin9")
        for number in [1_250, 1_251, 1_253, 1_254, 1_255, 1_256, 1_257, 1_258] {
            add("windows-\(number)", "CP\(number)", "cp\(number)", "x-cp\(number)")
        }
        add("windows-1254", "CP1254", "iso-8859-9", "iso8859-9", "iso88599", "iso_8859-9", "latin5", "l5", "iso-ir-148")
        add("windows-874", "CP874", "dos-874", "iso-8859-11", "iso8859-11", "iso885911", "tis-620")
        add("koi8-r", "KOI8-R", "koi", "koi8", "koi8_r", "cskoi8r")
        add("koi8-u", "KOI8-U", "koi8-ru")
        add("ibm866", "CP866", "866", "cp866", "csibm866")
        add("macintosh", "MACINTOSH", "mac", "x-mac-roman", "csmacintosh")
        add("x-mac-cyrillic", "MAC-CYRILLIC", "x-mac-ukrainian")
        add("gbk", "GB18030", "gb2312", "gb_2312", "gb_2312-80", "chinese", "csgb2312", "x-gbk", "iso-ir-58")
        add("gb18030", "GB18030")
        add("big5", "BIG5-HKSCS", "big5-hkscs", "cn-big5", "csbig5", "x-x-big5")
        add("euc-jp", "EUC-JP", "x-euc-jp", "cseucpkdfmtjapanese")
        add("iso-2022-jp", "ISO-2022-JP", "csiso2022jp")
        add("shift_jis", "CP932", "shift-jis", "sjis", "x-sjis", "ms932", "ms_kanji", "windows-31j", "csshiftjis")
        add(
            "euc-kr", "CP949", "korean", "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "ksc_5601", "windows-949",
            "cseuckr")
        return known
    }()
}
