// What Swift needs of Oniguruma beyond its functions: globals that are macros, and a function with a
// variable number of arguments.
#pragma once

#include <oniguruma.h>

/// Compiles the `count` bytes of UTF-8 at `pattern` in Oniguruma's own syntax, as the `onig` crate does
/// by default; `message`, ONIG_MAX_ERROR_MESSAGE_LEN + 1 bytes, says what is wrong if it isn't ONIG_NORMAL.
static inline int COniguruma_compile(
    regex_t **regex, const unsigned char *pattern, long count, char *message)
{
    OnigErrorInfo info;
    int code = onig_new(
        regex, pattern, pattern + count, ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_ONIGURUMA, &info);
    if (code != ONIG_NORMAL) {
        int length = onig_error_code_to_str((unsigned char *)message, code, &info);
        message[length] = 0;
    }
    return code;
}

/// Prepares the library; calling it once, before threads use it, makes it safe for them.
static inline int COniguruma_prepare(void)
{
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    return onig_initialize(encodings, 1);
}

static const int COniguruma_messageSize = ONIG_MAX_ERROR_MESSAGE_LEN + 1;
