#pragma once

#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call.

CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_size(CURL *handle, CURLoption option, curl_off_t value);
/// The text is copied, except a request's body.
CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_set_headers(CURL *handle, struct curl_slist *headers);

/// For headers, the response's body and the request's body: returns how many bytes were taken or given.
typedef size_t (*ccurl_bytes)(char *bytes, size_t size, size_t count, void *context);
CURLcode ccurl_on_bytes(CURL *handle, CURLoption option, ccurl_bytes call);
typedef int (*ccurl_seek)(void *context, curl_off_t offset, int origin);
CURLcode ccurl_on_seek(CURL *handle, ccurl_seek call);
typedef int (*ccurl_progress)(void *context, curl_off_t whole, curl_off_t received, curl_off_t to_send, curl_off_t sent);
CURLcode ccurl_on_progress(CURL *handle, ccurl_progress call);
typedef curl_socket_t (*ccurl_open_socket)(void *context, curlsocktype purpose, struct curl_sockaddr *address);
CURLcode ccurl_on_open_socket(CURL *handle, ccurl_open_socket call);

CURLcode ccurl_status(CURL *handle, long *status);
CURLcode ccurl_text_info(CURL *handle, CURLINFO info, const char **text);

/// The values of macros that Swift does not see.
size_t ccurl_read_aborts(void);
curl_socket_t ccurl_bad_socket(void);
