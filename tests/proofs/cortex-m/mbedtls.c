/* HMAC-SHA-1 by mbedTLS, with memory for its one context. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mbedtls/md.h"

static uint32_t memory[128];
static size_t used;

void *token_calloc(size_t count, size_t size) {
    size_t bytes = (count * size + 3) & ~(size_t)3;
    if (bytes > sizeof memory - used)
        return NULL;
    void *place = (char *)memory + used;
    used += bytes;
    return memset(place, 0, bytes);
}

/* The call gives its memory back at its end, all at once. */
void token_free(void *place) { (void)place; }

void hmac_sha1(const unsigned char *key, size_t key_len, const unsigned char *message, size_t len,
               unsigned char *out) {
    used = 0;
    mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA1), key, key_len, message, len, out);
}
