internal import MediaWire

/// A media program that cannot be used: what is wrong, and what to do about it.
public struct MediaProgramError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Cause: Sendable {
        /// Whatever it is, it does not do what the media program does.
        case unstartable
        /// Libraries that it is linked to are not there.
        case unloadable
        /// FFmpeg is older than is needed, or built without something.
        case unequipped
    }

    package let cause: Cause
    package let fact: String
    package let remedy: String

    init(_ cause: Cause, program: String, why: String) {
        self.cause = cause
        fact = "The media program \(program) cannot be used: \(why)"
        remedy =
            switch cause {
            case .unstartable: "Install transcoder again, or correct media_program."
            case .unloadable:
                "“ldd \(program)” shows which libraries are not found. On Debian 12, “sudo apt install \(Self.packages)” brings FFmpeg's; "
                    + "on any other system, build transcoder there."
            case .unequipped:
                "“ldd \(program)” shows which libraries are taken. FFmpeg \(CapabilitiesReport.oldest) or later is needed, with x264 and zimg; on Debian 12, "
                    + "“sudo apt install --reinstall \(Self.packages)” brings it: then move others out of the way (/usr/local/lib, LD_LIBRARY_PATH)."
            }
    }

    /// Debian 12's, which have all that is needed; the others come with them.
    private static let packages = "libavcodec59 libavfilter8 libavformat59"

    public var description: String { "\(fact) \(remedy)" }
}
