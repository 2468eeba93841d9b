#include "chtml.h"

#include <errno.h>
#include <iconv.h>

int64_t chtml_decode(
    const char *charset, const unsigned char *input, size_t length, unsigned char *output, size_t room) {
    static const unsigned char replacement[] = {0xEF, 0xBF, 0xBD};
    iconv_t set = iconv_open("UTF-8", charset);
    if (set == (iconv_t)-1) return -1;
    char *in = (char *)input;
    char *out = (char *)output;
    size_t left = length;
    size_t space = room;
    while (left > 0) {
        if (iconv(set, &in, &left, &out, &space) != (size_t)-1) break;
        if (errno == E2BIG || space < sizeof replacement) break;
        for (size_t place = 0; place < sizeof replacement; place++) *out++ = (char)replacement[place];
        space -= sizeof replacement;
        // A character that the end cut off is one mistake, however many bytes of it there are.
        if (errno == EINVAL) break;
        in++;
        left--;
    }
    iconv(set, 0, 0, &out, &space);
    iconv_close(set);
    return (int64_t)(room - space);
}
