#define _GNU_SOURCE
// Preloaded into a program, it lets FFmpeg look like another machine's: without the encoders, decoders, filters and formats that FFMPEG_WITHOUT
// names (libx264,zscale), and with the libraries that FFMPEG_OLDER names a minor version older (libavcodec,libavutil).
#include <dlfcn.h>
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_named(const char *variable, const char *name) {
    size_t length = strlen(name);
    for (const char *at = getenv(variable); at != NULL && *at != 0; at = strchr(at, ','), at += at != NULL) {
        if (strncmp(at, name, length) == 0 && (at[length] == 0 || at[length] == ',')) return true;
    }
    return false;
}

static bool is_hidden(const char *name) { return is_named("FFMPEG_WITHOUT", name); }

// FFmpeg's own, behind ours.
#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

const AVCodec *avcodec_find_encoder_by_name(const char *name) {
    return is_hidden(name) ? NULL : REAL(avcodec_find_encoder_by_name)(name);
}

const AVCodec *av_codec_iterate(void **cursor) {
    const AVCodec *codec;
    do codec = REAL(av_codec_iterate)(cursor);
    while (codec != NULL && is_hidden(codec->name));
    return codec;
}

const AVFilter *avfilter_get_by_name(const char *name) {
    return is_hidden(name) ? NULL : REAL(avfilter_get_by_name)(name);
}

const AVInputFormat *av_find_input_format(const char *name) {
    return is_hidden(name) ? NULL : REAL(av_find_input_format)(name);
}

const AVOutputFormat *av_guess_format(const char *name, const char *file, const char *type) {
    return is_hidden(name) ? NULL : REAL(av_guess_format)(name, file, type);
}

const AVBitStreamFilter *av_bsf_get_by_name(const char *name) {
    return is_hidden(name) ? NULL : REAL(av_bsf_get_by_name)(name);
}

#define VERSION(library)                                                                                               \
    unsigned library##_version(void) {                                                                                 \
        return REAL(library##_version)() - (is_named("FFMPEG_OLDER", "lib" #library) ? AV_VERSION_INT(0, 1, 0) : 0);   \
    }
VERSION(avcodec)
VERSION(avformat)
VERSION(avutil)
VERSION(avfilter)
VERSION(swscale)
VERSION(swresample)
