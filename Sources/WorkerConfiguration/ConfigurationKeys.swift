internal import Jobs
internal import MediaWire
internal import Verdicts

/// The single table of keys.
enum ConfigurationKeys {
    static let all: [ConfigurationKey<Configuration>] = [
        .init(
            "site", \.site, .absolutePath, absent: "none",
            """
            The folder of the Fresns site, which contains its .env. The database, table prefix, time zone and storage \
            folder are read from it.
            """),
        .init(
            "database.user", \.databaseUser, .text, absent: "none",
            """
            A database user (MariaDB, PostgreSQL) with only the rights that are needed (docs/databases.md). none: the \
            application's user from the .env. `transcoder init` always uses the .env, because it creates tables.
            """),
        .init(
            "database.password_file", \.databasePasswordFile, .absolutePath, absent: "none",
            "A file with that user's password, readable only for the service."),
        .init(
            "database.password", \.databasePassword, .password, absent: "none",
            "The password itself, if a file is not possible: then restrict who can read this configuration."),
        .init(
            "since", \.since, .moment, absent: "none",
            """
            Skip files uploaded before this moment (UTC unless it names a time zone). `transcoder init` sets it on a \
            site with many existing files.
            """),
        .init(
            "workers", \.workers, .integer(1...256), absent: "auto",
            "Files transcoded at the same time. auto: one per processor."),
        .init(
            "threads", \.threads, .integer(1...256), absent: "auto",
            "Threads per job. auto: the processors are shared among the running jobs."),
        .init(
            "poll", \.poll, .duration(.milliseconds(100)...(.seconds(3600))),
            """
            How often to poll the database. A change of the SQLite file wakes the daemon at once, and so do PostgreSQL \
            triggers that `transcoder init` installs; with MariaDB, or PostgreSQL without triggers, a cheap query runs more \
            often after recent activity, at first every 250 ms.
            """),
        .init(
            "lease", \.lease, .duration(.seconds(1)...(.seconds(86400))),
            """
            How long a claim on a file is valid without progress; after that, another worker may take the file over. \
            Progress renews it.
            """),
        .init(
            "stall", \.stall, .duration(.seconds(1)...(.seconds(86400))),
            "A job that makes no progress for this long is stopped and retried."),
        .init(
            "grace", \.grace, .duration(.seconds(0)...(.seconds(86400))),
            """
            How long running jobs may continue after the stop signal. Unfinished jobs then return to the queue. Keep \
            TimeoutStopSec of the systemd unit above it.
            """),
        .init(
            "scratch", \.scratch, .absolutePath, absent: "none",
            """
            A folder for temporary files that the web server does not serve. none: hidden files beside the source, \
            so that publishing is only a rename.
            """),
        .init(
            "storage.endpoint", \.storage.endpoint, .text, absent: "site",
            """
            The address of the S3 service that has the site's buckets (`https://s3.example.com`). site: as in the site's settings, \
            or Amazon's. Files whose type the site keeps in a bucket are read from there and published there (docs/storage.md).
            """),
        .init(
            "storage.region", \.storage.region, .text, absent: "site",
            "The region that requests are signed for. site: as in the site's settings, or us-east-1."),
        .init(
            "storage.addressing", \.storage.addressing, .word(StorageSettings.Addressing.self), absent: "auto",
            """
            How an address names the bucket: path (`https://endpoint/bucket/key`) or virtual-host (`https://bucket.endpoint/key`). \
            auto: path for an endpoint that is an IP address or has a port, virtual-host otherwise.
            """),
        .init(
            "storage.ca", \.storage.authorities, .absolutePath, absent: "system",
            "A file with the certificates (PEM) that the S3 service's certificate must be signed by. system: those of the operating system."),
        .init(
            "storage.cache", \.storage.cache, .absolutePath,
            "The folder for copies of files from buckets, and for results before they are uploaded, unless `scratch` names one."),
        .init(
            "storage.cache_size", \.storage.cacheSize, .bytes(0...(1 << 50)),
            "How much of the copies is kept for retries and duplicates; those that were used least recently go first."),
        .init(
            "storage.allowed_hosts", \.storage.allowedHosts, .hostNames, absent: "none",
            "Hosts that `transcoder fetch` may read from although their addresses are not public: a list of names."),
        .init("storage.transfers", \.storage.transfers, .integer(1...64), "Files that are downloaded at the same time."),
        .init(
            "reserve", \.reserve, .bytes(0...(1 << 50)),
            """
            Disk space to keep free. A file whose result might not fit waits until there is enough disk space.
            """),
        .init(
            "priority", \.priority, .word(Schedule.Priority.self),
            """
            messages: files sent in conversations go before files of posts and comments. Every fourth job is the file that \
            has waited longest.
            """),
        .init(
            "originals", \.originals, .oneOf(Configuration.Originals.self),
            """
            What happens to an upload once its conversion plays instead: keep leaves it unchanged, and Fresns' download link \
            serves it; scrub rewrites it without its metadata (location, device, author …) and deletes the upload. \
            An original that cannot be rewritten stays on the disk, and nothing links to it.
            """),
        .init(
            "delete_originals_after", \.deleteOriginalsAfter, .duration(.zero...(.seconds(315_360_000))), absent: "none",
            """
            How long an upload is kept after its conversion, if nothing plays it any more; then it is deleted, and Fresns' \
            download link serves the conversion. none: forever.
            """),
        .init(
            "language", \.language, .word(Language.self), absent: "site",
            """
            The language of `transcoding_reason`: why a file failed, and what its result lacks. site: the site's default \
            language, if it is one of them; otherwise English.
            """),
        .init(
            "reuse", \.reuse, .oneOf(Configuration.Reuse.self),
            """
            An identical upload under another name is not transcoded again: link gives the existing result a second \
            name (a hard link, or a copy if owner, mode or file system require one), copy copies it, off transcodes each.
            """),
        .init(
            "cache_command", \.cacheCommand, .command, absent: "none",
            """
            A command that clears a post's cached details, so that visitors see the result at once: a list of \
            a program and its arguments, or a string split at spaces; no shell is involved. {fid}, {id} and {site} stand for the file and the \
            site's folder. none: transcoder itself clears the caches file, database and redis of the site's .env; others \
            need a command (docs/cache.md).
            """),
        .init(
            "status_file", \.statusFile, .absolutePath,
            """
            The file that the daemon writes its status to (docs/status.schema.json). A second daemon on this host adds a \
            file with another name beside it.
            """),
        .init(
            "metrics_file", \.metricsFile, .metricsPath, absent: "none",
            """
            The file that the daemon writes its metrics to, for the textfile collector of Prometheus' node_exporter (docs/operate.md), \
            for example /var/lib/prometheus/node-exporter/transcoder.prom. Each daemon needs its own.
            """),
        .init(
            "media_program", \.mediaProgram, .absolutePath, absent: "auto",
            "The program that decodes and encodes. auto: transcoder-media beside this program, then in libexec."),
        .init(
            "sandbox", \.sandbox, .word(SandboxMode.self),
            """
            The media program enters a sandbox before it reads an upload (docs/security.md). required: if the kernel \
            lacks a layer, the daemon does not start. best-effort: use the layers that are available.
            """),
        .init(
            "log_level", \.logLevel, .oneOf(Configuration.LogLevel.self),
            "The lowest level of messages that are logged."),
        .init(
            "log", \.log, .oneOf(Configuration.LogFormat.self),
            """
            The log format. auto: structured journal entries under systemd (fields such as TRANSCODER_FILE_ID: \
            docs/operate.md), text on standard error otherwise. json: one object per line.
            """),
        .init(
            "socket", \.socket, .socketPath, absent: "none",
            """
            A Unix socket that accepts Fresns' notifications as an additional wake-up (docs/notify.md), open to this user and \
            group, for example /run/transcoder/notify.sock. Each daemon needs its own.
            """),
        .init(
            "http.listen", \.httpListen, .loopback, absent: "none",
            """
            The address of the HTTP server: POST /notify accepts notifications if there is a token; http.metrics and http.dashboard \
            add more. Port 0 picks a free port, which the log names.
            """),
        .init(
            "http.metrics", \.httpMetrics, .onOff,
            """
            Serve /metrics for Prometheus, /healthz (is the daemon alive?) and /readyz (can it start jobs?) on http.listen. They \
            expose only numbers, and need no token.
            """),
        .init(
            "http.dashboard", \.httpDashboard, .onOff,
            """
            Serve a dashboard at / on http.listen, with names and posters of files. If a token is set, the browser asks for \
            it (as the password, with any user name); without one, everyone on this machine can see it.
            """),
        .init(
            "http.allowed_hosts", \.httpAllowedHosts, .hostNames, absent: "none",
            """
            Host names under which the dashboard may be requested, beside 127.0.0.1, [::1] and localhost, for a proxy that passes on \
            its own name (docs/dashboard-proxy.md): a list, or a string split at spaces. A name without a port holds for every port. \
            Needs a token.
            """),
        .init(
            "http.token_file", \.httpTokenFile, .absolutePath, absent: "none",
            "A file with the token for /notify and the dashboard, readable only for the service."),
        .init(
            "http.token", \.httpToken, .token, absent: "none",
            "The token itself, if a file is not possible: then restrict who can read this configuration."),
        .init(
            "notify.webhook.url", \.webhook, .webhook, absent: "none",
            """
            An address that gets a signed message when files fail, and when that is over: once per cause and hour \
            (docs/notifications.md). The address may be secret, so messages and the log show only its host.
            """),
        .init(
            "notify.webhook.secret_file", \.webhookSecretFile, .absolutePath, absent: "none",
            "A file with the secret that signs the messages, readable only for the service."),
        .init(
            "notify.webhook.secret", \.webhookSecret, .signingSecret, absent: "none",
            "The secret itself, if a file is not possible: then restrict who can read this configuration."),
        .init(
            "notify.command", \.notifyCommand, .command, absent: "none",
            """
            A command that gets the same message as JSON on its standard input: a list of a program and its arguments, or a string \
            split at spaces; no shell is involved. It has 30 seconds.
            """),
        .init(
            "retry.attempts", \.retry.maxAttempts, .integer(1...100),
            """
            Attempts for a file that fails for temporary reasons, such as a full disk. A file that crashes, stalls or hits a limit is \
            retried once, with safer settings.
            """),
        .init(
            "retry.first_wait", \.retry.base, .duration(.milliseconds(10)...(.seconds(86400))),
            "The wait after the first failed attempt. Each further wait is four times as long, ±20 %."),
        .init(
            "retry.longest_wait", \.retry.cap, .duration(.milliseconds(10)...(.seconds(604_800))),
            "The longest wait between attempts."),
        .init(
            "missing_wait", \.retry.missingWait, .duration(.zero...(.seconds(604_800))),
            """
            A missing upload is looked for once more after this wait, and then fails: a disk may be unmounted, or a copy \
            of the site unfinished. While a folder in its path is missing or empty, the file keeps waiting.
            """),
        .init(
            "video_profile", \.videoProfile, .text,
            "The profile for video, unless the site's video_transcode names one."),
        .init(
            "audio_profile", \.audioProfile, .text,
            "The profile for audio, unless the site's audio_transcode names one."),
    ]

    /// `limits.…`, for all profiles, and `profiles.NAME.limits.…`, for one.
    static let limits: [ConfigurationKey<MediaLimits>] = [
        .init("side", \.side, .integer(16...32768), "Pixels of one side of a decoded frame."),
        .init("pixels", \.pixels, .integer(256...1_000_000_000), "Pixels of one decoded frame."),
        .init("duration", \.duration, .seconds(1...604_800), "The duration that decodes, not what the header says."),
        .init("frames", \.frames, .integer(1...100_000_000), "Video frames."),
        .init("streams", \.streams, .integer(1...1000), "Streams in one file."),
        .init("input_size", \.inputSize, .bytes(1...(1 << 50)), "The size of the upload."),
        .init("output_size", \.outputSize, .bytes(1...4_294_967_295), "The size of the result."),
        .init(
            "memory", \.memory, .bytes((256 << 20)...(1 << 40)),
            """
            The memory of one media process. The limit derived from the frame size is usually lower: 1 GiB up to 1080p, about \
            2 GiB for 4K.
            """),
        .init(
            "time_factor", \.timeFactor, .number(0.001...100_000),
            "Seconds of work allowed per second of media, in addition to time_floor."),
        .init("time_floor", \.timeFloor, .seconds(1...604_800), "The time that any file may take, however short."),
        .init("time", \.time, .seconds(1...604_800), "The time that no file may exceed, whatever its duration."),
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
            "Pixels of the longer side. Smaller video is never enlarged."),
        .init("video.max_frame_rate", \.video.maxFrameRate, .number(1...240), "Frames per second."),
        .init(
            "video.keyframe_interval", \.video.keyframeInterval, .seconds(0.1...60),
            "The distance between keyframes, at which players can seek."),
        .init(
            "video.peak_bits_per_pixel", \.video.peakBitsPerPixel, .number(0.001...10),
            "The maximum bitrate, in bits per pixel and frame, so that mobile players never stall."),
        .init("video.background", \.video.background, .color, "The background of transparent pixels."),
        .init(
            "audio.bitrate_per_channel", \.audio.bitratePerChannel, .integer(8000...256_000),
            "Bits per second and channel."),
        .init("audio.max_channels", \.audio.maxChannels, .integer(1...2), "1: mono. 2: stereo."),
        .init(
            "audio.max_copy_bitrate", \.audio.maxCopyBitrate, .integer(8000...10_000_000),
            "Audio with a higher bitrate is encoded again, even if it is AAC."),
        .init(
            "loudness", \.audio.loudness, .oneOf(Loudness.self),
            "auto: normalise if the audio is encoded anyway. always: even if it could be copied. off: never."),
        .init("loudness_target", \.audio.loudnessTarget, .number(-40...(-5)), "LUFS (EBU R128)."),
        .init("poster.max_side", \.poster.maxSide, .integer(16...8192), "Pixels of the longer side."),
        .init("poster.quantiser", \.poster.quantiser, .integer(2...31), "JPEG quality: 2 is best, 31 is smallest."),
        .init(
            "poster_at", \.poster.at, .seconds(0...604_800), absent: "best",
            "The time of the poster frame. best: pick a good frame."),
        .init(
            "min_share", \.minimumShare, .number(0...1),
            """
            The share of the duration that the file's own index or sizes promise, and that must decode. 0: one frame or one audio packet is \
            enough; the file's row then says where it is cut short.
            """),
        .init(
            "verify", \.verify, .oneOf(Verification.self),
            "quick: decode the beginning, middle and end of the result. full: decode all of it."),
    ]
}
