internal import Jobs
internal import MediaWire

/// The one table of keys.
enum ConfigurationKeys {
    static let all: [ConfigurationKey<Configuration>] = [
        .init(
            "site", \.site, .absolutePath, absent: "none",
            """
            The folder of the Fresns site: where its .env is. The database, the table prefix, the time zone and the \
            storage folder are read from there.
            """),
        .init(
            "database.user", \.databaseUser, .text, absent: "none",
            """
            A user of the database (MariaDB, PostgreSQL) that may do only what is needed (docs/databases.md). none: the \
            application's own, as the .env names it. `transcoder init` always goes by the .env: it makes tables.
            """),
        .init(
            "database.password_file", \.databasePasswordFile, .absolutePath, absent: "none",
            "A file that holds that user's password, for nobody else to read."),
        .init(
            "database.password", \.databasePassword, .password, absent: "none",
            "The password itself, where a file will not do: keep this file from being read by everybody then."),
        .init(
            "since", \.since, .moment, absent: "none",
            """
            Leave alone what was uploaded before this moment (UTC where it names no time zone). `transcoder init` \
            writes it on a site where many files wait.
            """),
        .init(
            "workers", \.workers, .integer(1...256), absent: "auto",
            "Files that are worked on at a time. auto: as many as there are processors."),
        .init(
            "threads", \.threads, .integer(1...256), absent: "auto",
            "Threads of one job. auto: the processors are shared among the jobs that there are."),
        .init(
            "poll", \.poll, .duration(.milliseconds(100)...(.seconds(3600))),
            """
            How often to look into the database where nothing has woken us. A change of the SQLite file, and of PostgreSQL \
            by the triggers that `transcoder init` installs, wakes us at once; into MariaDB, and PostgreSQL without triggers, \
            a cheap look is taken more often while something has happened lately, every 250 ms at first.
            """),
        .init(
            "lease", \.lease, .duration(.seconds(1)...(.seconds(86400))),
            """
            How long a claim on a file holds without progress. After that another worker may take the file over. \
            Progress renews it.
            """),
        .init(
            "stall", \.stall, .duration(.seconds(1)...(.seconds(86400))),
            "A job that makes no progress for this long is stopped and tried again."),
        .init(
            "grace", \.grace, .duration(.seconds(0)...(.seconds(86400))),
            """
            How long running jobs may go on after the signal to stop. What is not done by then is handed back. Keep \
            TimeoutStopSec of the systemd unit above it.
            """),
        .init(
            "scratch", \.scratch, .absolutePath, absent: "none",
            """
            A folder for files in the making, which the web server does not serve. none: hidden beside their source, \
            where finishing is a mere rename.
            """),
        .init(
            "reserve", \.reserve, .bytes(0...(1 << 50)),
            """
            What stays free on the disk. A file whose result may not fit beside it waits until there is room.
            """),
        .init(
            "priority", \.priority, .word(Schedule.Priority.self),
            """
            messages: what is sent in a conversation goes before what posts and comments show. Every fourth time it is \
            the turn of whatever has waited longest, all the same.
            """),
        .init(
            "originals", \.originals, .oneOf(Configuration.Originals.self),
            """
            What becomes of an upload once its conversion is played: keep leaves it as it is, and Fresns' download link \
            serves it; scrub writes it anew without its metadata (place, device, author …) and removes what was uploaded. \
            An original that cannot be written anew stays on the disk, and nothing links to it.
            """),
        .init(
            "delete_originals_after", \.deleteOriginalsAfter, .duration(.zero...(.seconds(315_360_000))), absent: "none",
            """
            How long after its conversion an upload is kept that nothing plays any more; then it is removed, and Fresns' \
            download link serves what is played. none: for good.
            """),
        .init(
            "reuse", \.reuse, .oneOf(Configuration.Reuse.self),
            """
            The same upload under another name is not converted again: link gives what was made of the first one another \
            name (a hard link; a copy where owner, mode or file system forbid that), copy copies it, off converts each.
            """),
        .init(
            "cache_command", \.cacheCommand, .command, absent: "none",
            """
            What drops the cached details of a post from the site's cache, so that readers are shown the result at once: a list of \
            a program and its arguments, or a text of words; no shell reads it. {fid}, {id} and {site} stand for the file and the \
            site's folder. none: the stores file, database and redis are looked after as the site's .env describes them; others \
            need a command (docs/cache.md).
            """),
        .init(
            "status_file", \.statusFile, .absolutePath,
            """
            Where the daemon writes what it is doing (docs/status.schema.json). A second daemon on this host takes a \
            name of its own beside it.
            """),
        .init(
            "metrics_file", \.metricsFile, .metricsPath, absent: "none",
            """
            Where the daemon writes its metrics for the textfile collector of Prometheus' node_exporter (docs/operate.md): \
            /var/lib/prometheus/node-exporter/transcoder.prom, for example. Each daemon needs one of its own.
            """),
        .init(
            "media_program", \.mediaProgram, .absolutePath, absent: "auto",
            "The program that does the media work. auto: transcoder-media beside this program, then in libexec."),
        .init(
            "sandbox", \.sandbox, .word(SandboxMode.self),
            """
            The media program locks itself in before it reads an upload (docs/security.md). required: where the kernel \
            lacks a layer of that, nothing is started. best-effort: the layers that there are must do.
            """),
        .init(
            "log_level", \.logLevel, .oneOf(Configuration.LogLevel.self),
            "The least important messages that are logged, to standard error."),
        .init(
            "log", \.log, .oneOf(Configuration.LogFormat.self),
            """
            What a line of the log looks like. auto: under systemd the journal gets each with its fields (TRANSCODER_FILE_ID \
            and others: docs/operate.md), and standard error gets text elsewhere. json: one object a line.
            """),
        .init(
            "socket", \.socket, .socketPath, absent: "none",
            """
            A Unix socket at which Fresns' notifications are taken as a further wake-up (docs/notify.md), for this user and \
            group: /run/transcoder/notify.sock, for example. Each daemon needs one of its own.
            """),
        .init(
            "http.listen", \.httpListen, .loopback, absent: "none",
            """
            Where HTTP is spoken: POST /notify takes notifications, where there is a token; http.metrics and http.dashboard \
            serve more. Port 0 is any that is free; the log names it.
            """),
        .init(
            "http.metrics", \.httpMetrics, .onOff,
            """
            Serves /metrics for Prometheus, /healthz (is the daemon alive?) and /readyz (can it take up work?) there. They \
            hold numbers only, and need no token.
            """),
        .init(
            "http.dashboard", \.httpDashboard, .onOff,
            """
            Serves a page for people there, at /, with names and pictures of files. Where a token is set, the browser asks for \
            it (as the password, with any name); without one, everybody on this machine may look.
            """),
        .init(
            "http.token_file", \.httpTokenFile, .absolutePath, absent: "none",
            "A file that holds the token which callers of /notify and the dashboard must show, for nobody else to read."),
        .init(
            "http.token", \.httpToken, .token, absent: "none",
            "The token itself, where a file will not do: keep this file from being read by everybody then."),
        .init(
            "retry.attempts", \.retry.maxAttempts, .integer(1...100),
            """
            How often a file is tried that failed by a full disk and the like. What crashed, stood still or met a limit is \
            tried once more, with safer settings.
            """),
        .init(
            "retry.first_wait", \.retry.base, .duration(.milliseconds(10)...(.seconds(86400))),
            "The wait after the first failed try. Each further one is four times as long, give or take a fifth."),
        .init(
            "retry.longest_wait", \.retry.cap, .duration(.milliseconds(10)...(.seconds(604_800))),
            "No wait is longer."),
        .init(
            "missing_wait", \.retry.missingWait, .duration(.zero...(.seconds(604_800))),
            """
            An upload that is not there is looked for once more after this wait, and then given up: a disk may be away, or a copy \
            of the site not finished. Where a folder on its way is missing or empty, it is waited for as long as that is so.
            """),
        .init(
            "video_profile", \.videoProfile, .text,
            "The profile for videos, where the site's own video_transcode names none."),
        .init(
            "audio_profile", \.audioProfile, .text,
            "The profile for sound files, where the site's own audio_transcode names none."),
    ]

    /// `limits.…`, for all profiles, and `profiles.NAME.limits.…`, for one.
    static let limits: [ConfigurationKey<MediaLimits>] = [
        .init("side", \.side, .integer(16...32768), "Pixels of one side of a decoded picture."),
        .init("pixels", \.pixels, .integer(256...1_000_000_000), "Pixels of one decoded picture."),
        .init("duration", \.duration, .seconds(1...604_800), "What decodes, not what the file promises."),
        .init("frames", \.frames, .integer(1...100_000_000), "Pictures."),
        .init("streams", \.streams, .integer(1...1000), "Streams in one file."),
        .init("input_size", \.inputSize, .bytes(1...(1 << 50)), "The upload."),
        .init("output_size", \.outputSize, .bytes(1...4_294_967_295), "The result."),
        .init(
            "memory", \.memory, .bytes((256 << 20)...(1 << 40)),
            """
            What one media process may have. What follows from a film's size is less for most: 1 GiB up to 1080p, some \
            2 GiB for 4K.
            """),
        .init(
            "time_factor", \.timeFactor, .number(0.001...100_000),
            "Seconds of work that one second of film may take, beside time_floor."),
        .init("time_floor", \.timeFloor, .seconds(1...604_800), "What any file may take, however short."),
        .init("time", \.time, .seconds(1...604_800), "What no file may take, however long it says that it is."),
    ]

    /// `profiles.NAME.…`.
    static let profile: [ConfigurationKey<Profile>] = [
        .init(
            "video.preset", \.video.preset,
            .choice([
                "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
            ]), "x264's preset: slower ones make smaller files."),
        .init("video.crf", \.video.crf, .number(0...51), "x264's constant rate factor: lower is better and larger."),
        .init(
            "video.max_side", \.video.maxSide, .integer(16...8192),
            "Pixels of the longer side. Smaller pictures are never enlarged."),
        .init("video.max_frame_rate", \.video.maxFrameRate, .number(1...240), "Frames per second."),
        .init(
            "video.keyframe_interval", \.video.keyframeInterval, .seconds(0.1...60),
            "Players can begin at a keyframe only."),
        .init(
            "video.peak_bits_per_pixel", \.video.peakBitsPerPixel, .number(0.001...10),
            "The highest bitrate, in bits per pixel and frame, so that mobile players never stall."),
        .init("video.background", \.video.background, .color, "What shows behind transparent pixels."),
        .init(
            "audio.bitrate_per_channel", \.audio.bitratePerChannel, .integer(8000...256_000),
            "Bits per second of one channel."),
        .init("audio.max_channels", \.audio.maxChannels, .integer(1...2), "1: mono. 2: stereo."),
        .init(
            "audio.max_copy_bitrate", \.audio.maxCopyBitrate, .integer(8000...10_000_000),
            "Sound with more bits per second is encoded again, even where it is AAC already."),
        .init(
            "loudness", \.audio.loudness, .oneOf(Loudness.self),
            "auto: corrected where the sound is encoded anyway. always: even where it could be copied. off: never."),
        .init("loudness_target", \.audio.loudnessTarget, .number(-40...(-5)), "LUFS (EBU R128)."),
        .init("poster.max_side", \.poster.maxSide, .integer(16...8192), "Pixels of the longer side."),
        .init("poster.quantiser", \.poster.quantiser, .integer(2...31), "JPEG quality: 2 is best, 31 is smallest."),
        .init(
            "poster_at", \.poster.at, .seconds(0...604_800), absent: "best",
            "Where in the film the poster is taken. best: a good frame is looked for."),
        .init(
            "min_share", \.minimumShare, .number(0...1),
            """
            The share of the promised duration that must decode. 0: one picture or one packet of sound is \
            enough, and the row says where it was cut short.
            """),
        .init(
            "verify", \.verify, .oneOf(Verification.self),
            "quick: the result is decoded at its beginning, middle and end. full: all of it."),
    ]
}
