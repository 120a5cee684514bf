internal import Glibc

/// The date of a header field (RFC 9110, 5.6.7): `Mon, 30 Nov 2026 05:03:41 GMT`. Obsolete forms are not read.
package enum HTTPDate {
    /// Seconds since 1970.
    package static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = CInt(parts[1]), let year = CInt(parts[3]) else { return nil }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = parts[4].split(separator: ":").compactMap { CInt($0) }
        guard let month = months.firstIndex(of: String(parts[2])), clock.count == 3, (1970...9999).contains(year) else { return nil }
        var moment = tm()
        moment.tm_year = year - 1900
        moment.tm_mon = CInt(month)
        moment.tm_mday = day
        (moment.tm_hour, moment.tm_min, moment.tm_sec) = (clock[0], clock[1], clock[2])
        return timegm(&moment)
    }
}
