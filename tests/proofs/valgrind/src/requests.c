/* The requests to Valgrind that a program can make. Outside of it they do nothing. */

#include <stddef.h>
#include <valgrind/memcheck.h>

int request_is_answered(void) { return RUNNING_ON_VALGRIND != 0; }

void request_secret(void *place, size_t len) { (void)VALGRIND_MAKE_MEM_UNDEFINED(place, len); }

void request_public(void *place, size_t len) { (void)VALGRIND_MAKE_MEM_DEFINED(place, len); }

/* Returns whether each byte depends on a secret. */
int request_all_secret(const unsigned char *place, size_t len) {
  for (size_t at = 0; at < len; at++) {
    unsigned char bits = 0;
    if (VALGRIND_GET_VBITS(place + at, &bits, 1) != 1 || bits == 0) return 0;
  }
  return 1;
}
