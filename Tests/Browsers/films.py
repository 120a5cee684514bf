"""What is converted and played: real uploads from fixtures/media, and some that the ffmpeg program makes."""

from dataclasses import dataclass


@dataclass
class Film:
    name: str
    # "video" or "audio": the element that a site plays it in.
    element: str
    seconds: float
    # Of fixtures/media; or else how ffmpeg makes it, and the extension.
    fixture: str = ""
    make: str = ""
    extension: str = ""
    # None: nothing to see.
    size: tuple[int, int] | None = None
    # None: nothing to hear.
    channels: int | None = None
    # Red, green and blue at the upper left.
    corner: tuple[int, int, int] | None = None


TONE = "-f lavfi -i sine=440:r=48000:d={0}"
H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac"
# An orange that BT.601, BT.709, limited and full range would each show differently.
ORANGE = "-f lavfi -i color=0xE06020:s={0}:r=25:d=4"

FILMS = [
    Film("vp9-opus", "video", 5.23, "clip.webm", size=(640, 480), channels=2),
    Film("index-behind", "video", 5.17, "clip.mp4", size=(640, 480), channels=2),
    Film("rotated", "video", 5.14, "phone-rotated.mp4", size=(480, 640), channels=2),
    Film("hdr-rotated", "video", 1.67, "iphone-hdr.mov", size=(1080, 1920)),
    Film("wide-pixels", "video", 5.2, "anamorphic.mp4", size=(1920, 1080), channels=2),
    Film("interlaced", "video", 1.0, "interlaced.mov", size=(1920, 1080)),
    Film("old-phone", "video", 1.0, "old-phone.3gp", size=(176, 144)),
    Film("recorded-in-browser", "video", 5.04, "browser-recording.webm", size=(352, 288)),
    Film("sound-only", "video", 1.0, "sound-only.mp4", channels=2),
    Film("voice-memo", "audio", 1.0, "voice-memo.m4a", channels=2),
    Film("voice-amr", "audio", 3.38, "voice.amr", channels=1),
    Film("song-with-cover", "audio", 2.81, "song-with-cover.mp3", channels=2),
    Film("surround", "audio", 9.94, "surround.flac", channels=2),
    Film("voice-16-khz", "audio", 12.0, extension="wav", channels=1,
         make="-f lavfi -i sine=220:r=16000:d=12 -af tremolo=f=4:d=0.9 -ac 1 -c:a pcm_s16le"),
    Film("telephone-8-khz", "audio", 4.0, extension="wav", channels=1,
         make="-f lavfi -i sine=300:r=8000:d=4 -ac 1 -c:a pcm_mulaw"),
    Film("colours-601-full", "video", 4.0, extension="mp4", size=(320, 240), corner=(0xE0, 0x60, 0x20),
         make=ORANGE.format("320x240") + " -vf scale=out_color_matrix=bt601:out_range=full,format=yuvj420p "
         "-c:v libx264 -color_primaries smpte170m -color_trc smpte170m -colorspace smpte170m -color_range pc"),
    Film("colours-709-copied", "video", 4.0, extension="mkv", size=(1280, 720), corner=(0xE0, 0x60, 0x20),
         make=ORANGE.format("1280x720") + " -vf scale=out_color_matrix=bt709:out_range=tv,format=yuv420p "
         "-c:v libx264 -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv"),
    Film("variable-rate", "video", 8.0, extension="mkv", size=(640, 360), channels=1,
         make="-f lavfi -i testsrc2=s=640x360:r=30:d=8 " + TONE.format(8) +
         " -vf select='gt(mod(n\\,7)\\,2)+lt(n\\,40)' -fps_mode vfr " + H264),
    Film("start-offset-copied", "video", 10.0, extension="ts", size=(640, 360), channels=1,
         make="-f lavfi -i testsrc2=s=640x360:r=25:d=10 " + TONE.format(10) + f" {H264} -output_ts_offset 37.5"),
    Film("sound-comes-later", "video", 8.0, extension="mkv", size=(640, 360), channels=1,
         make="-f lavfi -i testsrc2=s=640x360:r=25:d=8 -itsoffset 2 " + TONE.format(6) + " " + H264),
    Film("picture-comes-later", "video", 8.0, extension="mkv", size=(640, 360), channels=1,
         make="-itsoffset 1 -f lavfi -i testsrc2=s=640x360:r=25:d=7 " + TONE.format(8) + " " + H264),
    Film("fragmented", "video", 6.0, extension="mp4", size=(640, 360), channels=1,
         make="-f lavfi -i testsrc2=s=640x360:r=25:d=6 " + TONE.format(6) +
         f" {H264} -movflags frag_keyframe+empty_moov"),
    Film("120-fps", "video", 3.0, extension="mp4", size=(640, 360),
         make="-f lavfi -i testsrc2=s=640x360:r=120:d=3 " + H264),
    Film("slide-show", "video", 12.0, extension="mkv", size=(640, 360), channels=1,
         make="-f lavfi -i testsrc2=s=640x360:r=1/2:d=12 " + TONE.format(12) + " " + H264),
    Film("odd-444", "video", 3.0, extension="mkv", size=(638, 360),
         make="-f lavfi -i testsrc2=s=639x361:r=25:d=3 -c:v libx264 -preset ultrafast -pix_fmt yuv444p10le"),
    Film("gif", "video", 3.0, extension="gif", size=(200, 150), make="-f lavfi -i testsrc=s=200x150:r=10:d=3"),
    Film("one-minute-copied", "video", 60.0, extension="mkv", size=(1280, 720), channels=1,
         make="-f lavfi -i testsrc2=s=1280x720:r=25:d=60 " + TONE.format(60) +
         " -c:v libx264 -preset superfast -b:v 3M -maxrate 4M -bufsize 8M -g 250 -bf 3 -pix_fmt yuv420p -c:a aac"),
]
