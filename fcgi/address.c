/* Addresses and networks by inet_pton, with IPv4 mapped into IPv6's space and the two families kept apart in matching.
 */
#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/num.h"

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

bool address_parse(struct str s, struct address *out) {
    char text[ADDRESS_TEXT_MAX];
    memset(out, 0, sizeof *out);
    if (!s.p || s.n == 0 || s.n >= sizeof text || memchr(s.p, '\0', s.n)) return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    if (inet_pton(AF_INET, text, out->bytes + sizeof mapped_prefix) == 1) {
        memcpy(out->bytes, mapped_prefix, sizeof mapped_prefix);
        out->v4 = true;
        return true;
    }
    if (inet_pton(AF_INET6, text, out->bytes) != 1) return false;
    out->v4 = memcmp(out->bytes, mapped_prefix, sizeof mapped_prefix) == 0;
    return true;
}

void address_format(const struct address *a, char out[ADDRESS_TEXT_MAX]) {
    const void *from = a->v4 ? a->bytes + sizeof mapped_prefix : a->bytes;
    if (!inet_ntop(a->v4 ? AF_INET : AF_INET6, from, out, ADDRESS_TEXT_MAX)) out[0] = '\0';
}

static bool same_network(const struct address_net *net, const struct address *a) {
    size_t whole = (size_t)net->bits / 8;
    unsigned rest = (unsigned)net->bits % 8;
    if (memcmp(net->base.bytes, a->bytes, whole) != 0) return false;
    return rest == 0 || ((net->base.bytes[whole] ^ a->bytes[whole]) >> (8 - rest)) == 0;
}

static bool host_bits_set(const struct address_net *net) {
    for (int bit = net->bits; bit < 128; bit++)
        if (net->base.bytes[bit / 8] & (0x80u >> (bit % 8))) return true;
    return false;
}

static bool parse_net(struct str s, struct address_net *net) {
    const char *slash = memchr(s.p, '/', s.n);
    struct str host = {s.p, slash ? (size_t)(slash - s.p) : s.n};
    int64_t bits = 0;
    if (!address_parse(host, &net->base)) return false;
    bool written_v4 = net->base.v4 && !memchr(host.p, ':', host.n);
    int64_t width = written_v4 ? 32 : 128;
    if (!slash) bits = width;
    else if (!num_i64((struct str){slash + 1, s.n - host.n - 1}, 0, width, &bits)) return false;
    net->bits = (int)(bits + 128 - width);
    /* A network wider than ::ffff:0:0/96 is one of IPv6, whatever its first bits say. */
    if (net->bits < 96) net->base.v4 = false;
    return !host_bits_set(net);
}

bool address_list_parse(const char *text, struct address_list *list, char *error, size_t error_size) {
    static const char separators[] = ", \t\r\n";
    list->n = 0;
    for (const char *p = text ? text : "";;) {
        p += strspn(p, separators);
        size_t n = strcspn(p, separators);
        if (n == 0) return true;
        if (list->n == ADDRESS_NETS_MAX) {
            snprintf(error, error_size, "more than %d networks", ADDRESS_NETS_MAX);
            return false;
        }
        if (!parse_net((struct str){p, n}, &list->nets[list->n])) {
            snprintf(error, error_size, "'%.*s' is not an address or network", (int)(n > 80 ? 80 : n), p);
            return false;
        }
        list->n++;
        p += n;
    }
}

bool address_list_has(const struct address_list *list, const struct address *a) {
    for (size_t i = 0; i < list->n; i++)
        if (list->nets[i].base.v4 == a->v4 && same_network(&list->nets[i], a)) return true;
    return false;
}
