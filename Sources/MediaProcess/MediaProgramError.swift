internal import MediaWire

/// An unusable media program: the problem, and what to do.
public struct MediaProgramError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Cause: Sendable {
        /// It does not behave like the media program.
        case unstartable
        /// Libraries that it is linked to are missing.
        case unloadable
        /// FFmpeg is too old, or built without something.
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
            case .unstartable: "Reinstall transcoder, or fix media_program."
            case .unloadable:
                "“ldd \(program)” shows which libraries are missing. On Debian 12, “sudo apt install \(Self.packages)” installs FFmpeg's; "
                    + "on other systems, build transcoder from source."
            case .unequipped:
                "“ldd \(program)” shows which libraries are used. FFmpeg \(CapabilitiesReport.oldest) or later with x264 and zimg is required; on Debian 12, "
                    + "“sudo apt install --reinstall \(Self.packages)” installs it: then remove other copies from the library path (/usr/local/lib, LD_LIBRARY_PATH)."
            }
    }

    /// Debian 12's, which have everything; the others are their dependencies.
    private static let packages = "libavcodec59 libavfilter8 libavformat59"

    public var description: String { "\(fact) \(remedy)" }
}
