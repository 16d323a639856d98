/* The page's files, compiled in by tools/embed.py from src/web/assets. */
#ifndef WEIR_WEB_ASSETS_H
#define WEIR_WEB_ASSETS_H

#include <stddef.h>

struct web_asset {
    const char *path; /* "/style.css"; the page itself is "/" */
    const char *type;
    const unsigned char *data;
    size_t len;
    const char *etag; /* with its quotes */
};

extern const struct web_asset web_assets[];
extern const size_t web_asset_count;

#endif
