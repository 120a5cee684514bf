/// A child's only request, sent with its open descriptors: the source (readable, seekable), and
/// for a scrub the output, for a transcode the output and the poster (empty, readable and writable).
public struct MediaRequest: WireCodable, Equatable {
    public enum Task: UInt8, Sendable {
        case probe
        case plan
        case transcode
        /// The source without its metadata, written to the output.
        case scrub
        /// Only a handshake: the child starts, and has what every job needs.
        case handshake

        public var descriptorCount: Int {
            switch self {
            case .handshake: 0
            case .probe, .plan: 1
            case .scrub: 2
            case .transcode: 3
            }
        }
    }

    public var task = Task.probe
    public var subject = MediaSubject.any
    public var profile = Profile()
    /// Threads for each of the codecs.
    public var threads = 1
    /// The source's file name extension, lower case without the dot: a file with the wrong extension
    /// would be served as another type, and is rewritten. Nil: it may not be kept.
    public var sourceExtension: String?
    /// Whether a poster is wanted; its descriptor is passed either way.
    public var wantsPoster = true
    /// Whether MP3 audio may stay MP3; otherwise it becomes M4A, as the given file name requires.
    public var takesMP3 = true

    public init() {}

    public init(
        task: Task, subject: MediaSubject, profile: Profile, threads: Int, sourceExtension: String? = nil,
        wantsPoster: Bool = true, takesMP3: Bool = true
    ) {
        self.task = task
        self.subject = subject
        self.profile = profile
        self.threads = threads
        self.sourceExtension = sourceExtension
        self.wantsPoster = wantsPoster
        self.takesMP3 = takesMP3
    }

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&task)
        try wire.code(&subject)
        try wire.code(&profile)
        try wire.code(&threads)
        try wire.code(&sourceExtension)
        try wire.code(&wantsPoster)
        try wire.code(&takesMP3)
    }
}

/// The kind of player on the site: `files.type`, which the site sets and never changes.
public enum MediaSubject: UInt8, Sendable {
    /// Decided by the content of the file (plain files, no site).
    case any
    /// A video player: audio alone gets a poster.
    case video
    /// An audio player: video is left out.
    case audio
}
