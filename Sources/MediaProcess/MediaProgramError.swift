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
                "“ldd \(program)” shows which libraries are missing. On Debian, “sudo apt install ffmpeg” installs FFmpeg's. After an upgrade to another "
                    + "release of Debian, install that release's transcoder package; "
                    + "on other systems, build transcoder from source."
            case .unequipped:
                "“ldd \(program)” shows which libraries are used. FFmpeg \(CapabilitiesReport.oldest) or later with x264 and zimg is required; on Debian, "
                    + "“sudo apt install ffmpeg” installs it with its libraries: then remove other copies from the library path (/usr/local/lib, LD_LIBRARY_PATH)."
            }
    }

    public var description: String { "\(fact) \(remedy)" }
}
