/* mbedTLS with HMAC-SHA-1 and nothing else. */

#define MBEDTLS_MD_C
#define MBEDTLS_SHA1_C
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO token_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO token_free

#include <stddef.h>
void *token_calloc(size_t count, size_t size);
void token_free(void *place);
