/* Internet addresses and lists of networks: who is a trusted proxy, who may use a key. */
#ifndef MINHU_ADDRESS_H
#define MINHU_ADDRESS_H

#include "base/str.h"

#include <stdint.h>

enum { ADDRESS_TEXT_MAX = 46, ADDRESS_NETS_MAX = 64 };

/* IPv4 is kept as ::ffff:a.b.c.d, so that one address has one form. */
struct address {
    uint8_t bytes[16];
    bool v4;
};

struct address_net {
    struct address base;
    int bits; /* of the 128 */
};

struct address_list {
    struct address_net nets[ADDRESS_NETS_MAX];
    size_t n;
};

/* "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1" (becomes IPv4). No port, brackets, zone or spaces. */
bool address_parse(struct str s, struct address *out);
/* The canonical text. */
void address_format(const struct address *a, char out[ADDRESS_TEXT_MAX]);
/* Addresses and networks, parted by commas or white space; NULL and "" are the empty list. False, with what is wrong in
 * error, for anything else, host bits that are set in a network too. */
bool address_list_parse(const char *text, struct address_list *list, char *error, size_t error_size);
bool address_list_has(const struct address_list *list, const struct address *a);

#endif
