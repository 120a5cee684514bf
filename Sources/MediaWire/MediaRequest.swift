/// The one thing that a child is asked to do, sent with its open descriptors: the source (readable, seekable), and
/// for a scrub the output, for a transcode the output and the poster (empty, readable and writable).
public struct MediaRequest: WireCodable, Equatable {
    public enum Task: UInt8, Sendable {
        case probe
        case plan
        case transcode
        /// The source without its metadata, into the output.
        case scrub
        /// Nothing but an answer: the child starts, and has what every job needs.
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
    /// The source's file name extension, lower case without the dot: a file that is right in itself but carries another
    /// name would be served as something else, and is written anew. Nil: it may not be kept.
    public var sourceExtension: String?
    /// Whether the poster is wanted; its descriptor is given either way.
    public var wantsPoster = true
    /// Whether sound that is MP3 may stay so; else it becomes M4A, as a name says that was given.
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

/// In which element the site will play the result: `files.type`, which is the site's and never changes.
public enum MediaSubject: UInt8, Sendable {
    /// Decided by what the file holds (plain files, no site).
    case any
    /// A picture is shown: sound alone gets a poster.
    case video
    /// Only sound is played: a picture is left out.
    case audio
}
