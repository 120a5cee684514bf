package import Glibc

package enum UserName {
    /// Nil if this host has no name for the user.
    package static func of(_ user: uid_t) -> String? {
        var (account, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1 << 14) { bytes in
            guard let start = bytes.baseAddress, getpwuid_r(user, &account, start, bytes.count, &found) == 0, found != nil else { return nil }
            return String(cString: account.pw_name)
        }
    }
}
